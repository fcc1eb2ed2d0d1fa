/** Commits and checkouts with very many files: whatever is done for each of them is done in handfuls. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { hasOddAttributes, trackedAt, wrongAttributes } from "../../src/git/checkout/attributes.ts";
import { filesInTheWay } from "../../src/git/checkout/in-the-way.ts";
import { pathsRemoved } from "../../src/git/checkout/index-file.ts";
import { publishStage } from "../../src/git/checkout/publish.ts";
import { makeStage, removeStage } from "../../src/git/checkout/stage-place.ts";
import { stampOf } from "../../src/git/checkout/stamp.ts";
import { existingEdits } from "../../src/git/edits/edits.ts";
import { askUpstream } from "../../src/git/fetch/poll-upstream.ts";
import { ObjectReader } from "../../src/git/history/object-reader.ts";
import { rawModes } from "../../src/git/history/raw-modes.ts";
import { recordsOf } from "../../src/git/records.ts";
import { gitDirOf } from "../../src/git/store/pointer.ts";
import type { Commit } from "../../src/model/commit.ts";
import type { RepoPath } from "../../src/model/path.ts";
import { Directory } from "../../src/platform/files/directory.ts";
import { TreeWatch } from "../../src/platform/files/watch-tree.ts";
import { exec } from "../../src/platform/process/exec.ts";
import { aCheckout, anUpstream, aStore, asked } from "./a-store.ts";

const links = ["big"] as RepoPath[];
const [flat, directories, perDirectory] = [3_000, 30, 100];
const files = flat + directories * perDirectory;
/** More than the largest handful, whatever its size is. */
const handful = 256;

/** One directory with very many files, and many directories with many. */
function paths(): string[] {
  return Array.from({ length: files }, (_, file) =>
    file < flat ? `big/flat/f${file}` : `big/d${file % directories}/f${file}`,
  );
}

/** Commits that this stream of git-fast-import(1) ends with, on `main`. */
function commit(repository: string, changes: readonly string[]): Commit {
  const head = execFileSync("git", ["-C", repository, "rev-parse", "HEAD"], { encoding: "utf8" }).trim();
  const lines = ["commit refs/heads/main", "committer t <t@t> 1700000000 +0000", "data 1", "x"];
  const input = [...lines, `from ${head}`, ...changes, ""].join("\n");
  execFileSync("git", ["-C", repository, "fast-import", "--quiet", "--force"], { input });
  return execFileSync("git", ["-C", repository, "rev-parse", "main"], { encoding: "utf8" }).trim() as Commit;
}

async function aBigPlace() {
  const upstream = anUpstream("very-many", { "big/first": "one\n" });
  const put = paths().flatMap((path) => [`M 100644 inline ${path}`, `data ${path.length}`, path]);
  const full = commit(upstream.path, put);
  const setup = aStore(upstream.path);
  await askUpstream(setup.store, ["main"], setup.tools, asked);
  const { checkout, look } = await aCheckout(setup, full, links);
  return { ...setup, upstream, full, checkout, look, where: { store: setup.store, checkout } };
}

let place: Awaited<ReturnType<typeof aBigPlace>>;
beforeAll(async () => {
  place = await aBigPlace();
});

/** Entries for each breath, at most. */
async function entriesPerBreath(entries: number, work: (breathe: () => Promise<void>) => Promise<unknown>) {
  let breaths = 0;
  await work(async () => {
    breaths += 1;
  });
  return entries / breaths;
}

test("trees are read in handfuls, whether the base has their entries or not", async () => {
  const reader = new ObjectReader(place.store, place.git);
  for (const base of [null, place.upstream.first]) {
    const found: string[] = [];
    const read = async (breathe: () => Promise<void>) => {
      for await (const some of rawModes(reader, { base, to: place.full, paths: links }, breathe))
        for (const { path, mode } of some) if (mode === "100644") found.push(path);
    };
    expect(await entriesPerBreath(files, read)).toBeLessThan(handful);
    expect(new Set(found).isSupersetOf(new Set(paths()))).toBe(true);
  }
});

test("of two commits only what is in directories that differ is told, and what is gone is stepped over in handfuls", async () => {
  const reader = new ObjectReader(place.store, place.git);
  const gone = paths().filter((path) => path.startsWith("big/flat/") && path !== "big/flat/f7");
  const after = commit(place.upstream.path, [
    ...gone.map((path) => `D ${path}`),
    "M 100755 inline big/flat/f7",
    "data 1",
    "x",
  ]);
  await askUpstream(place.store, ["main"], place.tools, asked);
  const found: string[] = [];
  const read = async (breathe: () => Promise<void>) => {
    for await (const some of rawModes(reader, { base: place.full, to: after, paths: links }, breathe))
      found.push(...some.map(({ path, mode }) => `${mode} ${path}`));
  };
  expect(await entriesPerBreath(flat, read)).toBeLessThan(handful);
  const foundFiles = found.filter((line) => line.startsWith("100"));
  expect(foundFiles.sort()).toEqual(["100644 big/first", "100755 big/flat/f7"]);
});

test("what git lists is read in handfuls", async () => {
  const { git, store, checkout } = place;
  const found: string[] = [];
  const read = async (breathe: () => Promise<void>) => {
    const args = ["ls-files", "-z", "--", "big"];
    for await (const some of recordsOf(git, { checkout }, args, { account: store.account }, breathe))
      found.push(...some);
  };
  expect(await entriesPerBreath(files, read)).toBeLessThan(handful);
  expect(found).toHaveLength(files + 1);
});

test("an index is compared with another in handfuls", async () => {
  const { checkout } = place;
  const live = join(gitDirOf(checkout) ?? "", "index");
  const removed: string[] = [];
  const compare = async (breathe: () => Promise<void>) => {
    removed.push(...((await pathsRemoved(live, "/nowhere", 20, breathe)) ?? []));
  };
  expect(await entriesPerBreath(files, compare)).toBeLessThan(handful);
  expect(removed).toHaveLength(files + 1);
  expect(
    await entriesPerBreath(files, (breathe) => pathsRemoved("/nowhere", live, 20, breathe)),
  ).toBeLessThan(handful);
  expect(await pathsRemoved("/nowhere", live, 20)).toEqual([]);
  expect(await pathsRemoved(live, live, 20)).toEqual([]);
});

test("a checkout is walked through in handfuls, and its stamp tells of any change", async () => {
  const { checkout, where } = place;
  const stamp = await stampOf(checkout);
  expect(await entriesPerBreath(files, (breathe) => stampOf(checkout, breathe))).toBeLessThan(handful);
  const watch = new TreeWatch({ onChange: () => {}, max: 100, allowance: { left: 100 } });
  const deep = [{ path: "big", deep: true }];
  expect(await entriesPerBreath(files, (breathe) => watch.cover(checkout, deep, breathe))).toBeLessThan(
    handful,
  );
  watch.close();
  const odd = (breathe: () => Promise<void>) => hasOddAttributes(where, links, { breathe });
  expect(await entriesPerBreath(files, odd)).toBeLessThan(handful);

  writeFileSync(join(checkout, "big/d7/f3007"), "typed\n");
  expect(await stampOf(checkout)).not.toBe(stamp);
});

test("of very many wrong modes some are named, and they are looked for in handfuls", async () => {
  const { checkout, where, git } = place;
  for (const path of paths()) chmodSync(join(checkout, path), 0o664);
  const tracked = await trackedAt(where, links, git);
  expect(tracked.files.size).toBe(files + 1);
  const wrong = await wrongAttributes(where, tracked);
  expect(wrong.length).toBeGreaterThanOrEqual(1_000);
  expect(wrong.length).toBeLessThan(1_000 + handful);
  const look = (breathe: () => Promise<void>) => wrongAttributes(where, tracked, { breathe });
  expect(await entriesPerBreath(1_000, look)).toBeLessThan(handful);
});

test("what somebody has changed or put in the way is looked at in handfuls", async () => {
  const { checkout } = place;
  const edits = paths().map((path) => ({ path, untracked: false }));
  const existing = (breathe: () => Promise<void>) => existingEdits(checkout, edits, breathe);
  expect(await entriesPerBreath(files, existing)).toBeLessThan(handful);
  expect(await existingEdits(checkout, edits)).toHaveLength(files);
  const inTheWay = (breathe: () => Promise<void>) => filesInTheWay(checkout, ["big"], breathe);
  expect(await entriesPerBreath(files, inTheWay)).toBeLessThan(handful);
  expect(await filesInTheWay(checkout, paths())).toEqual(paths());
});

test("very many files go in handfuls, and so do the names in a directory", async () => {
  const { checkout, store } = place;
  using flatDirectory = Directory.open(join(checkout, "big/flat"), store.account.uid);
  expect(await entriesPerBreath(flat, (breathe) => flatDirectory.names(breathe))).toBeLessThan(handful);
  const stage = await makeStage(checkout, store.account, exec);
  const publish = async (breathe: () => Promise<void>) => {
    const where = { checkout, account: store.account };
    using _ = await publishStage(where, { ...stage, removed: paths() }, { exec, breathe });
  };
  expect(await entriesPerBreath(files, publish)).toBeLessThan(handful);
  await removeStage(stage, store.account, exec);
  expect(readdirSync(join(checkout, "big"))).toEqual(["first"]);
  expect(existsSync(join(checkout, "big/flat"))).toBe(false);
});
