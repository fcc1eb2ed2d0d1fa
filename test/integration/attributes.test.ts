import {
  chmodSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  hasOddAttributes,
  restoreDirectories,
  trackedAt,
  wrongAttributes,
} from "../../src/git/checkout/attributes.ts";
import { removeFiles, seenFiles } from "../../src/git/checkout/remove-files.ts";
import { copyFiles, unreadableAmong } from "../../src/git/edits/unreadable.ts";
import { askUpstream } from "../../src/git/fetch/poll-upstream.ts";
import type { AbsPath, RepoPath } from "../../src/model/path.ts";
import { aCheckout, anUpstream, aStore, asked, scratch } from "./a-store.ts";

const links = ["app/etc", "app/one.conf"] as RepoPath[];
const umask = 0o022;

async function aPlace(name: string) {
  const upstream = anUpstream(name, {
    "app/etc/a": "a\n",
    "app/etc/d/b": "b\n",
    "app/one.conf": "one\n",
    "app/beside": "x\n",
    "other/x": "x\n",
  });
  chmodSync(join(upstream.path, "app/etc/d/b"), 0o755);
  symlinkSync("a", join(upstream.path, "app/etc/link"));
  const first = upstream.commit({});
  const setup = aStore(upstream.path);
  await askUpstream(setup.store, ["main"], setup.tools, asked);
  const { checkout } = await aCheckout(setup, first, links);
  const where = { store: setup.store, checkout };
  const tracked = await trackedAt(where, links, setup.git);
  const at = (path: string) => join(checkout, path);
  return { where, checkout, tracked, at, wrong: () => wrongAttributes(where, tracked, { umask }) };
}

test("git's files and directories at the links are known, and nothing beside them", async () => {
  const { tracked, at, wrong, where } = await aPlace("tracked");
  expect(Object.fromEntries(tracked.files)).toEqual({
    "app/etc/a": "100644",
    "app/etc/d/b": "100755",
    "app/etc/link": "120000",
    "app/one.conf": "100644",
  });
  expect(tracked.directories).toEqual(["app/etc", "app/etc/d"]);
  for (const path of ["app", "app/beside"]) chmodSync(at(path), 0o700);
  expect(await hasOddAttributes(where, links, { umask })).toBe(false);
  writeFileSync(at("app/etc/untracked"), "", { mode: 0o600 });
  expect(await hasOddAttributes(where, links, { umask })).toBe(true);
  expect(await wrong()).toEqual([]);
});

test("another owner, group or mode is named, whatever it is on", async () => {
  const { at, wrong, where, tracked } = await aPlace("wrong");
  const { uid, gid, name } = where.store.account;
  lchownSync(at("app/etc/link"), 1, gid);
  lchownSync(at("app/one.conf"), uid, 1);
  chmodSync(at("app/etc/a"), 0o4644);
  chmodSync(at("app/etc/d"), 0o2700);
  chmodSync(at("app/etc/d/b"), 0o644);
  expect(await wrong()).toEqual([
    { path: "app/etc/d", is: "mode 0700", instead: "0755" },
    { path: "app/etc/a", is: "mode 4644", instead: "0644" },
    { path: "app/etc/link", is: "owner 1", instead: name },
    { path: "app/one.conf", is: "group 1", instead: `${gid}` },
  ]);
  await restoreDirectories(where, tracked);
  expect(statSync(at("app/etc/d")).mode & 0o7777).toBe(0o2755);
});

test("each of them is a reason to run git, except for the executable bit, which git checks itself", async () => {
  const { at, where, wrong } = await aPlace("odd");
  const odd = () => hasOddAttributes(where, links, { umask });
  const { uid, gid } = where.store.account;
  chmodSync(at("app/etc/d/b"), 0o644);
  expect([await odd(), await wrong()]).toEqual([false, []]);
  lchownSync(at("app/etc/link"), 1, gid);
  expect(await odd()).toBe(true);
  lchownSync(at("app/etc/link"), uid, gid);
  expect(await odd()).toBe(false);
  chmodSync(at("app/one.conf"), 0o600);
  expect(await odd()).toBe(true);
  expect(await hasOddAttributes(where, ["."] as RepoPath[], { umask })).toBe(true);
});

test("a directory that became a symlink is neither entered nor corrected", async () => {
  const { at, wrong, where, tracked } = await aPlace("swapped");
  const outside = mkdtempSync(join(scratch, "outside-"));
  writeFileSync(join(outside, "b"), "", { mode: 0o600 });
  rmSync(at("app/etc/d"), { recursive: true });
  symlinkSync(outside, at("app/etc/d"));
  await restoreDirectories(where, tracked);
  expect(await wrong()).toEqual([]);
  expect(statSync(outside).mode & 0o777).toBe(0o700);
});

test("files are removed with the directories that they leave empty, and only as they were seen", async () => {
  const { at, checkout } = await aPlace("removed");
  mkdirSync(at("app/etc/new/deep"), { recursive: true });
  mkdirSync(at("app/etc/kept"));
  for (const path of ["new/deep/x", "kept/x", "kept/y"]) writeFileSync(at(`app/etc/${path}`), "typed\n");
  const paths = ["app/etc/new/deep/x", "app/etc/kept/x", "app/etc/gone"];
  const there = await seenFiles(checkout, paths);
  writeFileSync(at("app/etc/kept/x"), "typed again\n");
  await removeFiles(checkout, there, (path) => path.startsWith("app/etc/"));
  expect(existsSync(at("app/etc/new"))).toBe(false);
  expect(readFileSync(at("app/etc/kept/x"), "utf8")).toBe("typed again\n");
});

test("nothing behind a symlink is removed", async () => {
  const { at, checkout } = await aPlace("removed-behind");
  mkdirSync(at("app/etc/new"));
  writeFileSync(at("app/etc/new/x"), "typed\n");
  const there = await seenFiles(checkout, ["app/etc/new/x"]);
  const outside = mkdtempSync(join(scratch, "outside-"));
  renameSync(at("app/etc/new/x"), join(outside, "x"));
  rmSync(at("app/etc/new"), { recursive: true });
  symlinkSync(outside, at("app/etc/new"));
  await removeFiles(checkout, there, () => true);
  expect(existsSync(join(outside, "x"))).toBe(true);
});

test("what git's user cannot read is copied by root, and no pipe or symlink in its place", async () => {
  const { at, checkout } = await aPlace("unreadable");
  const account = { name: "daemon", uid: 1, gid: 1, home: "/" };
  writeFileSync(at("app/etc/a"), "secret\n", { mode: 0o600 });
  chmodSync(at("app/etc/a"), 0o600);
  const paths = ["app/etc/a", "app/etc/d/b", "app/etc/link", "app/etc/gone"];
  expect(await unreadableAmong(checkout, paths, account)).toEqual(["app/etc/a"]);
  const to = mkdtempSync(join(scratch, "copies-"));
  await copyFiles(checkout, ["app/etc/a"], to);
  expect(readFileSync(join(to, "app/etc/a"), "utf8")).toBe("secret\n");
  expect(statSync(join(to, "app")).mode & 0o077).toBe(0);
  const copied = copyFiles(checkout as AbsPath, ["app/etc/link"], to);
  await expect(copied).rejects.toThrow('Cannot save "app/etc/link"');
});
