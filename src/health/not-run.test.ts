import { expect, test } from "vitest";
import { wasNotRun } from "./not-run.ts";

test.each([
  [127, "setpriv: failed to execute nginx: No such file or directory"],
  [126, "setpriv: failed to execute nginx: Text file busy"],
  [127, "nginx: error while loading shared libraries: libssl.so.3: cannot open shared object file"],
  [127, "nginx: symbol lookup error: nginx: undefined symbol: SSL_new"],
  [1, "nginx: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by nginx)"],
])("status %i with %j is the host's lack", (status, output) => {
  expect(wasNotRun(status, output)).toBe(true);
});

test.each([
  [0, "error while loading shared libraries: of a program that was not needed"],
  [1, "nginx: [emerg] unknown directive"],
  [1, "nginx: [emerg] host not found in upstream"],
])("status %i with %j is a verdict", (status, output) => {
  expect(wasNotRun(status, output)).toBe(false);
});
