/** Commits and checkouts with very many files: all work per file is done in batches. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { hasOddAttributes, trackedAt, wrongAttributes } from "../../src/git/checkout/attributes.ts";
import { filesInTheWay } from "../../src/git/checkout/files-in-the-way.ts";
import { pathsRemoved } from "../../src/git/checkout/index-file.ts";
import { publishStage } from "../../src/git/checkout/publish.ts";
import { makeStage, removeStage } from "../../src/git/checkout/stage-directory.ts";
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
/** More than the size of a batch. */
const batchMax = 256;

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

/** Entries read per yield, on average. */
async function entriesPerYield(
  entries: number,
  work: (yieldToEventLoop: () => Promise<void>) => Promise<unknown>,
) {
  let yields = 0;
  await work(async () => {
    yields += 1;
  });
  return entries / yields;
}

test("trees are read in batches, whether the base has their entries or not", async () => {
  const reader = new ObjectReader(place.store, place.git);
  for (const base of [null, place.upstream.first]) {
    const found: string[] = [];
    const read = async (yieldToEventLoop: () => Promise<void>) => {
      for await (const batch of rawModes(reader, { base, to: place.full, paths: links }, yieldToEventLoop))
        for (const { path, mode } of batch) if (mode === "100644") found.push(path);
    };
    expect(await entriesPerYield(files, read)).toBeLessThan(batchMax);
    expect(new Set(found).isSupersetOf(new Set(paths()))).toBe(true);
  }
});

test("a comparison of two commits reads only directories that differ, and skips removed entries in batches", async () => {
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
  const read = async (yieldToEventLoop: () => Promise<void>) => {
    for await (const batch of rawModes(
      reader,
      { base: place.full, to: after, paths: links },
      yieldToEventLoop,
    ))
      found.push(...batch.map(({ path, mode }) => `${mode} ${path}`));
  };
  expect(await entriesPerYield(flat, read)).toBeLessThan(batchMax);
  const foundFiles = found.filter((line) => line.startsWith("100"));
  expect(foundFiles.sort()).toEqual(["100644 big/first", "100755 big/flat/f7"]);
});

test("lists of git are read in batches", async () => {
  const { git, where } = place;
  const found: string[] = [];
  const read = async (yieldToEventLoop: () => Promise<void>) => {
    const args = ["ls-files", "-z", "--", "big"];
    for await (const batch of recordsOf(git, where, args, { yieldToEventLoop })) found.push(...batch);
  };
  expect(await entriesPerYield(files, read)).toBeLessThan(batchMax);
  expect(found).toHaveLength(files + 1);
});

test("two indexes are compared in batches", async () => {
  const { checkout } = place;
  const live = join(gitDirOf(checkout) ?? "", "index");
  const removed: string[] = [];
  const compare = async (yieldToEventLoop: () => Promise<void>) => {
    removed.push(...((await pathsRemoved(live, "/nowhere", 20, yieldToEventLoop)) ?? []));
  };
  expect(await entriesPerYield(files, compare)).toBeLessThan(batchMax);
  expect(removed).toHaveLength(files + 1);
  expect(
    await entriesPerYield(files, (yieldToEventLoop) => pathsRemoved("/nowhere", live, 20, yieldToEventLoop)),
  ).toBeLessThan(batchMax);
  expect(await pathsRemoved("/nowhere", live, 20)).toEqual([]);
  expect(await pathsRemoved(live, live, 20)).toEqual([]);
});

test("a checkout is walked in batches, and its stamp changes with every edit", async () => {
  const { checkout, where } = place;
  const stamp = await stampOf(checkout);
  expect(
    await entriesPerYield(files, (yieldToEventLoop) => stampOf(checkout, yieldToEventLoop)),
  ).toBeLessThan(batchMax);
  const watch = new TreeWatch({ onChange: () => {}, max: 100, allowance: { left: 100 } });
  const deep = [{ path: "big", deep: true }];
  expect(
    await entriesPerYield(files, (yieldToEventLoop) => watch.cover(checkout, deep, yieldToEventLoop)),
  ).toBeLessThan(batchMax);
  watch.close();
  const odd = (yieldToEventLoop: () => Promise<void>) => hasOddAttributes(where, links, { yieldToEventLoop });
  expect(await entriesPerYield(files, odd)).toBeLessThan(batchMax);

  writeFileSync(join(checkout, "big/d7/f3007"), "typed\n");
  expect(await stampOf(checkout)).not.toBe(stamp);
});

test("wrong modes are searched in batches, and only the first of very many are named", async () => {
  const { checkout, where, git } = place;
  for (const path of paths()) chmodSync(join(checkout, path), 0o664);
  const tracked = await trackedAt(where, links, git);
  expect(tracked.files.size).toBe(files + 1);
  const wrong = await wrongAttributes(where, tracked);
  expect(wrong.length).toBeGreaterThanOrEqual(1_000);
  expect(wrong.length).toBeLessThan(1_000 + batchMax);
  const look = (yieldToEventLoop: () => Promise<void>) =>
    wrongAttributes(where, tracked, { yieldToEventLoop });
  expect(await entriesPerYield(1_000, look)).toBeLessThan(batchMax);
});

test("local edits and files in the way are examined in batches", async () => {
  const { checkout } = place;
  const edits = paths().map((path) => ({ path, untracked: false }));
  const existing = (yieldToEventLoop: () => Promise<void>) =>
    existingEdits(checkout, edits, yieldToEventLoop);
  expect(await entriesPerYield(files, existing)).toBeLessThan(batchMax);
  expect(await existingEdits(checkout, edits)).toHaveLength(files);
  const inTheWay = (yieldToEventLoop: () => Promise<void>) =>
    filesInTheWay(checkout, ["big"], yieldToEventLoop);
  expect(await entriesPerYield(files, inTheWay)).toBeLessThan(batchMax);
  expect(await filesInTheWay(checkout, paths())).toEqual(paths());
});

test("very many files are removed in batches, and so are the names in a directory", async () => {
  const { checkout, store } = place;
  using flatDirectory = Directory.open(join(checkout, "big/flat"), store.account.uid);
  expect(
    await entriesPerYield(flat, (yieldToEventLoop) => flatDirectory.names(yieldToEventLoop)),
  ).toBeLessThan(batchMax);
  const stage = await makeStage(checkout, store.account, exec);
  const publish = async (yieldToEventLoop: () => Promise<void>) => {
    const where = { checkout, account: store.account };
    using _ = await publishStage(where, { ...stage, removed: paths() }, { exec, yieldToEventLoop });
  };
  expect(await entriesPerYield(files, publish)).toBeLessThan(batchMax);
  await removeStage(stage, store.account, exec);
  expect(readdirSync(join(checkout, "big"))).toEqual(["first"]);
  expect(existsSync(join(checkout, "big/flat"))).toBe(false);
});
