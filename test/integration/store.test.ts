import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { removeCheckout } from "../../src/git/checkout/checkout.ts";
import { askUpstream } from "../../src/git/fetch/poll-upstream.ts";
import { readTips } from "../../src/git/fetch/tip-refs.ts";
import { filesNeeded } from "../../src/git/history/files-needed.ts";
import { ObjectReader } from "../../src/git/history/object-reader.ts";
import { entriesAt, findCommits, isAncestor } from "../../src/git/history/trees.ts";
import { ensureStore, unlockStore } from "../../src/git/store/store.ts";
import type { RepoPath } from "../../src/model/path.ts";
import { exec } from "../../src/platform/process/exec.ts";
import { aCheckout, anUpstream, aStore, asked } from "./a-store.ts";

test.each(["sha1", "sha256"])("a branch is fetched and checked out, with %s ids", async (format) => {
  const upstream = anUpstream(`of-${format}`, { "app/conf": "one\n", "other/x": "x\n" }, format);
  const setup = aStore(upstream.path);
  const tips = await askUpstream(setup.store, ["main", "gone"], setup.tools, asked);
  expect([...tips]).toEqual([["main", upstream.first]]);
  const { look, checkout } = await aCheckout(setup, upstream.first, ["app"]);
  expect(await look()).toEqual({ is: "present", head: upstream.first, edits: [], ignored: false });
  expect(await removeCheckout({ store: setup.store, checkout }, setup.git)).toBe(true);
});

test("trees: what paths are, which blobs a checkout needs, what is in whose history", async () => {
  const upstream = anUpstream("trees", {
    root: "r\n",
    "app/beside": "b\n",
    "app/etc/conf": "one\n",
    "other/x": "x\n",
  });
  const second = upstream.commit({ "app/etc/conf": "two\n" });
  const { store, tools, git } = aStore(upstream.path);
  await askUpstream(store, ["main"], tools, asked);
  const paths = ["app/etc", "root", "missing", "."] as RepoPath[];
  const entries = await entriesAt(store, second, paths, git);
  expect([...entries.values()].map(({ path, kind }) => `${path} ${kind}`).sort()).toEqual([
    ". directory",
    "app/etc directory",
    "root file",
  ]);
  const ids = ["root", "app/beside", "app/etc/conf"].map((path) => upstream.git("rev-parse", `HEAD:${path}`));
  const range = { base: null, to: second, paths: ["app/etc" as RepoPath] };
  const needed: string[] = [];
  for await (const batch of filesNeeded(new ObjectReader(store, git), range))
    needed.push(...batch.map(({ id }) => id));
  expect(needed.sort()).toEqual(ids.sort());
  expect(await isAncestor(store, upstream.first, second, git)).toBe(true);
  expect(await isAncestor(store, second, upstream.first, git)).toBe(false);
  expect(await findCommits(store, [second], second.slice(0, 10), git)).toEqual([second]);
  expect(await findCommits(store, [upstream.first], second.slice(0, 10), git)).toEqual([]);
});

test("the files are as they are in git, whatever its attributes say", async () => {
  const upstream = anUpstream("attributes", {
    ".gitattributes": "* text eol=crlf ident\n",
    "app/conf": "$Id$\n",
  });
  const setup = aStore(upstream.path);
  await askUpstream(setup.store, ["main"], setup.tools, asked);
  const { checkout } = await aCheckout(setup, upstream.first, ["app"]);
  expect(execFileSync("cat", [join(checkout, "app/conf")], { encoding: "utf8" })).toBe("$Id$\n");
});

test("a foreign checkout and a damaged one are distinguished", async () => {
  const upstream = anUpstream("places", { "app/a": "a\n" });
  const setup = aStore(upstream.path);
  await askUpstream(setup.store, ["main"], setup.tools, asked);
  const { checkout, look } = await aCheckout(setup, upstream.first, ["app"]);
  writeFileSync(join(checkout, ".git"), `gitdir: ${setup.store.path}/worktrees/nowhere\n`);
  expect(await look()).toMatchObject({ is: "unfit" });
  rmSync(join(checkout, ".git"));
  expect(await look()).toEqual({ is: "foreign" });
  rmSync(checkout, { recursive: true });
  expect(await look()).toEqual({ is: "absent" });
});

test("a checkout with files that git ignores is not removed", async () => {
  const upstream = anUpstream("kept", { ".gitignore": "*.key\n", "app/a": "a\n" });
  const setup = aStore(upstream.path);
  await askUpstream(setup.store, ["main"], setup.tools, asked);
  const { checkout } = await aCheckout(setup, upstream.first, ["app"]);
  writeFileSync(join(checkout, "app/tls.key"), "secret\n");
  expect(await removeCheckout({ store: setup.store, checkout }, setup.git)).toBe(false);
  expect(readFileSync(join(checkout, "app/tls.key"), "utf8")).toBe("secret\n");
  rmSync(join(checkout, "app/tls.key"));
  expect(await removeCheckout({ store: setup.store, checkout }, setup.git)).toBe(true);
  expect(existsSync(checkout)).toBe(false);
});

test("the metadata of a deleted checkout is removed, and other directories stay", async () => {
  const upstream = anUpstream("deleted", { "app/a": "a\n" });
  const setup = aStore(upstream.path);
  await askUpstream(setup.store, ["main"], setup.tools, asked);
  const { checkout } = await aCheckout(setup, upstream.first, ["app"]);
  rmSync(checkout, { recursive: true });
  expect(await removeCheckout({ store: setup.store, checkout }, setup.git)).toBe(true);
  expect(existsSync(join(setup.store.path, "worktrees"))).toBe(false);
  mkdirSync(checkout);
  writeFileSync(join(checkout, "typed"), "");
  expect(await removeCheckout({ store: setup.store, checkout }, setup.git)).toBe(false);
  rmSync(join(checkout, "typed"));
  expect(await removeCheckout({ store: setup.store, checkout }, setup.git)).toBe(true);
});

test("stale locks and half written objects go, branches stay whatever their name", async () => {
  const upstream = anUpstream("locks", { "app/a": "a\n" });
  for (const branch of ["tmp_x", "objects/tmp_y"]) upstream.git("branch", branch);
  const setup = aStore(upstream.path);
  const branches = ["main", "tmp_x", "objects/tmp_y"];
  const tips = await askUpstream(setup.store, branches, setup.tools, asked);
  expect([...tips.keys()].sort()).toEqual(branches.toSorted());
  const stale = [
    "config.lock",
    "refs/remotes/origin/main.lock",
    "objects/pack/tmp_pack_a",
    "objects/tmp_obj_b",
  ];
  for (const name of stale) writeFileSync(join(setup.store.path, name), "");
  await unlockStore(setup.store, exec);
  expect(stale.filter((name) => existsSync(join(setup.store.path, name)))).toEqual([]);
  expect(await readTips(setup.store, branches, setup.git)).toEqual(tips);
});

test("a store that has fetched is never wiped, though upstream changes its kind of ids", async () => {
  const upstream = anUpstream("converted", { "app/a": "a\n" });
  const setup = aStore(upstream.path);
  const tips = await askUpstream(setup.store, ["main"], setup.tools, asked);
  rmSync(upstream.path, { recursive: true });
  anUpstream("converted", { "app/a": "a\n" }, "sha256");
  await expect(askUpstream(setup.store, ["main"], setup.tools, asked)).rejects.toThrow("Cannot fetch");
  expect(await readTips(setup.store, ["main"], setup.git)).toEqual(tips);
});

test("a password with an @ in it is given to git whole", async () => {
  const setup = aStore("https://bob:p@ss@example.com/x.git");
  await ensureStore(setup.store, setup.tools);
  const argv = ["git", "credential-store", `--file=${join(setup.store.path, "credentials")}`, "get"];
  const input = "protocol=https\nhost=example.com\n\n";
  const { stdout } = await exec(argv, { timeoutMs: 10_000, input });
  expect(stdout).toContain("username=bob\npassword=p@ss\n");
});
