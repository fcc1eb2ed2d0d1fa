import { expect, test } from "vitest";
import type { Account } from "../model/account.ts";
import { arrange } from "./arrange.ts";
import type { HostEntry } from "./host/host-tree.ts";

const root = { name: "root", uid: 0, gid: 0 } as Account;
const rules = {
  known: null,
  uid: 0,
  take: [],
  names: {
    users: new Map([
      [0, root],
      [33, { ...root, name: "www-data", uid: 33 }],
    ]),
    groups: new Map([
      [0, "root"],
      [33, "www-data"],
    ]),
  },
};

const owned = { uid: 0, gid: 0 };
const file = (path: string, text = "x\n", more = {}): HostEntry => ({
  ...{ kind: "file", path, content: Buffer.from(text), isHardLink: false, mode: 0o644, ...owned },
  ...more,
});
const directory = (path: string, children: readonly HostEntry[], more = {}): HostEntry => ({
  ...{ kind: "directory", path, children, mode: 0o755, ...owned },
  ...more,
});

const key = "-----BEGIN PRIVATE KEY-----\n";

function arranged(entry: HostEntry) {
  const { dirs, taken, leftOut, split } = arrange([{ entry, link: "app/web1" }], rules);
  return {
    dirs: dirs.map(({ local, link }) => `${local ?? "-"} ${link}`),
    taken: taken.map(({ link }) => link),
    leftOut: leftOut.map(({ path }) => path),
    split: split.map(({ path, why }) => `${path}: ${why}`),
  };
}

test("a directory that is taken whole is one mount", () => {
  const tree = directory("/etc/app", [
    file("/etc/app/app.conf"),
    directory("/etc/app/conf.d", [file("/etc/app/conf.d/a.conf")]),
  ]);
  expect(arranged(tree)).toEqual({
    dirs: ["/etc/app app/web1"],
    taken: ["app/web1/app.conf", "app/web1/conf.d/a.conf"],
    leftOut: [],
    split: [],
  });
});

test("what stays on the host is not hidden: everything around it is mounted one by one", () => {
  const tree = directory("/etc/app", [
    file("/etc/app/app.conf"),
    directory("/etc/app/conf.d", [file("/etc/app/conf.d/a.conf")]),
    directory("/etc/app/tls", [file("/etc/app/tls/app.crt"), file("/etc/app/tls/app.key", key)]),
  ]);
  const { dirs, leftOut, split } = arranged(tree);
  expect(dirs).toEqual([
    "/etc/app/app.conf app/web1/app.conf",
    "/etc/app/conf.d app/web1/conf.d",
    "/etc/app/tls/app.crt app/web1/tls/app.crt",
  ]);
  expect(leftOut).toEqual(["/etc/app/tls/app.key"]);
  expect(split).toEqual(["/etc/app: tls is not taken as a whole", "/etc/app/tls: app.key stays on the host"]);
});

test("an empty directory gets a placeholder; one whose mode or owner git cannot keep is named", () => {
  const tree = directory("/etc/app", [
    directory("/etc/app/empty", []),
    directory("/etc/app/setgid", [], { mode: 0o2770 }),
    directory("/etc/app/theirs", [], { uid: 33 }),
  ]);
  const { leftOut, taken } = arrange([{ entry: tree, link: "app" }], rules);
  expect(leftOut).toEqual([
    { path: "/etc/app/setgid", why: "gitopper cannot give it the mode 2770" },
    { path: "/etc/app/theirs", why: "it belongs to www-data itself" },
  ]);
  expect(taken.map(({ link }) => link)).toEqual(["app/empty"]);
});

test("other modes and groups inside a directory are entries of their own", () => {
  const tree = directory("/etc/app", [file("/etc/app/app.conf", "x\n", { mode: 0o640, gid: 33 })]);
  expect(arrange([{ entry: tree, link: "app" }], rules).dirs).toEqual([
    { local: "/etc/app", link: "app", file: false, access: { mode: null, gid: 0 } },
    { local: null, link: "app/app.conf", file: true, access: { mode: 0o640, gid: 33 } },
  ]);
});

test("files of another user, set-user-ID files and names of git stay on the host, and are named", () => {
  const tree = directory("/etc/app", [
    file("/etc/app/a", "x\n", { uid: 33 }),
    file("/etc/app/b", "x\n", { mode: 0o4755 }),
    file("/etc/app/.git", "x\n"),
    file("/etc/app/c"),
  ]);
  const { dirs, leftOut } = arranged(tree);
  expect(dirs).toEqual(["/etc/app/c app/web1/c"]);
  expect(leftOut).toEqual(["/etc/app/a", "/etc/app/b", "/etc/app/.git"]);
});
