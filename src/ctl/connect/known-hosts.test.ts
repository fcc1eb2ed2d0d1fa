import { expect, test } from "vitest";
import { judgePin } from "./known-hosts.ts";

const file = "# mine\nweb1:8000 SHA256:aaa\n\n[::1]:8000\tSHA256:bbb  \nweb2:8000 nonsense\n";

test.each([
  ["web1:8000", "SHA256:aaa", "known"],
  ["WEB1:8000", "SHA256:aaa", "known"],
  ["[::1]:8000", "SHA256:bbb", "known"],
  ["web1:8001", "SHA256:aaa", "new"],
  ["web2:8000", "SHA256:aaa", "new"],
  ["web1:8000", "SHA256:AAA", { expected: "SHA256:aaa", line: 2 }],
  ["[::1]:8000", "SHA256:bbbb", { expected: "SHA256:bbb", line: 4 }],
])("%s that shows %s", (at, shows, judgement) => {
  expect(judgePin(file, { at, shows })).toEqual(judgement);
});
