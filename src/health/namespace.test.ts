import { expect, test } from "vitest";
import type { AbsPath } from "../model/path.ts";
import { inNamespace } from "./namespace.ts";

const app = { name: "app", uid: 33, gid: 34, home: "/srv/app" };
const bind = {
  source: "/srv/.stage/a b" as AbsPath,
  target: "/etc/a b" as AbsPath,
  place: { device: "254:0", root: "/srv/.stage/a b" },
};

test("paths and commands are arguments, and no part of the script", () => {
  const argv = inNamespace(["nginx", "-t"], { binds: [bind], account: app, network: false });
  const at = argv.indexOf("-c");
  expect(argv[at + 1]).not.toMatch(/etc|srv|nginx/);
  expect(argv.slice(at + 2)).toEqual([
    ...["check", "254:0 /srv/.stage/a\\040b /etc/a\\040b", "1", "/srv/.stage/a b", "/etc/a b"],
    ...["setpriv", "--reuid=33", "--regid=34", "--init-groups", "--no-new-privs", "--inh-caps=-all"],
    ...["--bounding-set=-all", "--", "nginx", "-t"],
  ]);
});

test("root keeps what files need, and nothing that undoes a mount", () => {
  const argv = inNamespace(["true"], { binds: [], account: { ...app, uid: 0, gid: 0 }, network: true });
  expect(argv.find((word) => word.startsWith("--bounding-set"))).toMatch(/^--bounding-set=-all(,\+\w+)+$/);
  expect(argv.join()).not.toContain("sys_admin");
});

test("it has an empty network unless the config allows the host's", () => {
  const argv = (network: boolean) => inNamespace(["true"], { binds: [], account: app, network });
  expect(argv(false)).toContain("--net");
  expect(argv(true)).not.toContain("--net");
});
