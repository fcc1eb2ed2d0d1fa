import { expect, test } from "vitest";
import type { Account } from "../model/account.ts";
import type { AbsPath } from "../model/path.ts";
import { enoughUntracked, parseStatus } from "./checkout/checkout.ts";
import { renderGitConfig } from "./git-config.ts";
import { parseLsTree } from "./history/trees.ts";
import { storeOf } from "./store/store.ts";
import { renderStoreConfig } from "./store/store-config.ts";
import { localRepositories, splitCredentials } from "./upstream.ts";

const head = "1".repeat(40);
const account: Account = { name: "app", uid: 900, gid: 900, home: "/home/app" };

test("status: HEAD, changed files with spaces in their names, and unknown files", async () => {
  const records = [
    `# branch.oid ${head}`,
    "# branch.head (detached)",
    `1 .M N... 100644 100644 100644 ${head} ${head} app/etc/my conf`,
    `u UU N... 100644 100644 100644 100644 ${head} ${head} ${head} app/clash`,
    "? app/new file",
    "! app/cache/",
    "",
  ];
  expect(await parseStatus([records])).toEqual({
    is: "present",
    head,
    edits: [
      { path: "app/etc/my conf", untracked: false },
      { path: "app/clash", untracked: false },
      { path: "app/new file", untracked: true },
    ],
    ignored: true,
  });
});

test("status: of more untracked files than the limit there are the first, and a word that there are more", async () => {
  const changed = `1 .M N... 100644 100644 100644 ${head} ${head} conf`;
  const records = [`# branch.oid ${head}`, changed, "? a", "? b", "? c"];
  const [a, b, c] = ["a", "b", "c"].map((path) => ({ path, untracked: true }));
  const seen = { is: "present", head, ignored: false };
  const conf = { path: "conf", untracked: false };
  expect(await parseStatus([records], 2)).toEqual({ ...seen, edits: [conf, a, b], flooded: true });
  expect(await parseStatus([records], 3)).toEqual({ ...seen, edits: [conf, a, b, c] });
});

test("status: it is heard until the limit is exceeded, or to the first ignored file, however it is cut in pieces", () => {
  const heard = (text: string, size: number) => {
    const enough = enoughUntracked(2);
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += size) if (enough(bytes.subarray(at, at + size))) return true;
    return false;
  };
  for (const size of [1, 2, 3, 4, 1_000]) {
    expect(heard("# branch.oid x\0? a\0? b\0? c\0", size)).toBe(true);
    expect(heard("# branch.oid x\0? a? \0? b! \0", size)).toBe(false);
    expect(heard("# branch.oid x\0! a\0! b\0", size)).toBe(true);
  }
});

test("status: a checkout without a commit is unfit", async () => {
  expect(await parseStatus([["# branch.oid (initial)"]])).toEqual({ is: "unfit", why: "it has no HEAD" });
});

test("ls-tree: every kind of entry, and names with line breaks", () => {
  const records = [
    `040000 tree ${head}\tapp/etc`,
    `100755 blob ${head}\trun\nme`,
    `120000 blob ${head}\tlink`,
    `160000 commit ${head}\tsub`,
  ];
  expect(parseLsTree(records).map(({ kind, path }) => [kind, path])).toEqual([
    ["directory", "app/etc"],
    ["file", "run\nme"],
    ["symlink", "link"],
    ["submodule", "sub"],
  ]);
});

test("credentials leave the URL, and only there where they are some", () => {
  expect(splitCredentials("https://bob:p%40ss@example.com/x.git")).toEqual({
    url: "https://example.com/x.git",
    credentials: "https://bob:p%40ss@example.com\n",
  });
  expect(splitCredentials("https://bob:p@ss@example.com/x@y.git")).toEqual({
    url: "https://example.com/x@y.git",
    credentials: "https://bob:p%40ss@example.com\n",
  });
  for (const plain of ["https://example.com/a@b", "ssh://git@example.com/x", "git@example.com:x", "/srv/x"]) {
    expect(splitCredentials(plain)).toEqual({ url: plain, credentials: "" });
  }
});

test("a local upstream is known by its path", () => {
  expect(localRepositories("/srv/x.git/")).toEqual([
    "/srv/x.git",
    "/srv/x.git.git",
    "/srv/x.git/.git",
    "/srv/x.git.git/.git",
  ]);
  expect(localRepositories("file:///srv/my%20x")).toContain("/srv/my x.git");
  expect(localRepositories("https://example.com/x")).toEqual([]);
});

test("a store's config never holds the password, and its place depends on upstream and user", () => {
  const store = storeOf("/var/lib/gitopper" as AbsPath, "https://bob:secret@example.com/config.git", account);
  expect(store.path).toMatch(/^\/var\/lib\/gitopper\/stores\/config-[0-9a-f]{12}$/);
  expect(renderStoreConfig({ place: store, format: "sha1", kind: "partial" })).not.toContain("secret");
  const other = storeOf("/var/lib/gitopper" as AbsPath, store.upstream, { ...account, name: "web" });
  expect(other.path).not.toBe(store.path);
});

test("git trusts local upstreams by name only", () => {
  expect(renderGitConfig(["/srv/x.git"])).toContain('[safe]\n\tdirectory = "/srv/x.git"\n');
  expect(renderGitConfig([])).toContain("hooksPath = /dev/null");
});
