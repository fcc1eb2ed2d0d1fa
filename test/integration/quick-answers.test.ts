/** What is read from the objects is what git's own commands say. */
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { askUpstream } from "../../src/git/fetch/poll-upstream.ts";
import { readTips } from "../../src/git/fetch/tip-refs.ts";
import type { Git } from "../../src/git/git.ts";
import { ObjectReader } from "../../src/git/history/object-reader.ts";
import { isNear, pathTree, quickEntries, quickTips } from "../../src/git/history/quick-answers.ts";
import { type Entry, entriesAt } from "../../src/git/history/trees.ts";
import type { Commit } from "../../src/model/commit.ts";
import type { RepoPath } from "../../src/model/path.ts";
import { exec } from "../../src/platform/process/exec.ts";
import { createHistory } from "../../src/reconcile/history-reader.ts";
import { anUpstream, aStore, asked } from "./a-store.ts";

const paths = [
  ".",
  "app",
  "app/etc",
  "app/etc/conf",
  "app/run",
  "link",
  "naïve name",
  "none",
  "root/below",
].map((path) => path as RepoPath);

async function entriesOf(reader: ObjectReader, commit: Commit, some: readonly RepoPath[]) {
  const found = await quickEntries(reader, commit, pathTree(some));
  return new Map([...found].filter(([path]) => some.some((one) => one === path)));
}

test.each(["sha1", "sha256"])("entries, tips and the way between commits, with %s ids", async (format) => {
  const files = {
    root: "r\n",
    "app/etc/conf": "1\n",
    "app/etc.d/x": "x\n",
    "naïve name": "n\n",
    "app/run": "#!\n",
  };
  const upstream = anUpstream(`quick-${format}`, files, format);
  upstream.git("update-index", "--chmod=+x", "app/run");
  upstream.git("commit", "-qm", "run");
  execFileSync("ln", ["-s", "app", join(upstream.path, "link")]);
  const last = upstream.commit({ "app/etc/conf": "2\n" });
  upstream.git("branch", "side/way", upstream.first);
  const { store, tools, git } = aStore(upstream.path);
  const branches = ["main", "side/way"];
  const tips = await askUpstream(store, branches, tools, asked);
  const reader = new ObjectReader(store, git);
  expect(await quickTips(reader, branches)).toEqual(tips);
  expect(await readTips(store, branches, git)).toEqual(tips);
  for (const commit of [upstream.first, last])
    for (const some of [paths, ["app/etc" as RepoPath], ["." as RepoPath], []])
      expect(await entriesOf(reader, commit, some)).toEqual(await entriesAt(store, commit, some, git));
  expect(await isNear(reader, upstream.first, last)).toBe(true);
  expect(await isNear(reader, last, upstream.first)).toBe(false);
  await expect(quickTips(reader, ["main", "gone"])).rejects.toThrow("gone");
  await expect(entriesOf(reader, "1".repeat(last.length) as Commit, paths)).rejects.toThrow("missing");
});

test("a far commit is found by git, and what is read comes from one process", async () => {
  const upstream = anUpstream("far", { "app/conf": "0\n" });
  const setup = aStore(upstream.path);
  const commits = [
    upstream.first,
    ...Array.from({ length: 20 }, (_, n) => upstream.commit({ "app/conf": `${n + 1}\n` })),
  ];
  const [first = upstream.first, last = upstream.first] = [commits[0], commits.at(-1)];
  await askUpstream(setup.store, ["main"], setup.tools, asked);
  const ran: string[] = [];
  const git: Git = (place, args, options) => {
    ran.push(args[0] ?? "");
    return setup.git(place, args, options);
  };
  const history = createHistory(setup.store, ["app" as RepoPath], { git, readOnlyGit: git });
  for (const commit of commits) expect((await history.entries(commit)).get("app")?.kind).toBe("directory");
  expect(await history.isAncestor(commits.at(-3) ?? first, last)).toBe(true);
  expect(ran).toEqual(["cat-file"]);
  expect(await history.isAncestor(first, last)).toBe(true);
  expect(await history.isAncestor(last, first)).toBe(false);
  expect(ran).toEqual(["cat-file", "merge-base", "merge-base"]);
});

test("objects fetched meanwhile are found, and git reports a broken tree", async () => {
  const upstream = anUpstream("seen", { "app/conf": "0\n" });
  const setup = aStore(upstream.path);
  const tips = await askUpstream(setup.store, ["main"], setup.tools, asked);
  const reader = new ObjectReader(setup.store, setup.git);
  await quickTips(reader, ["main"]);
  const next = upstream.commit({ "app/conf": "1\n" });
  const hurried = { ...asked, known: tips, reader, hurried: true };
  expect((await askUpstream(setup.store, ["main"], setup.tools, hurried)).get("main")).toBe(next);
  expect([...(await entriesOf(reader, next, ["app" as RepoPath])).keys()]).toEqual(["app"]);

  const { store, git } = setup;
  const id = upstream.git("rev-parse", `${next}:app`);
  unpack(store.path);
  const file = join(store.path, "objects", id.slice(0, 2), id.slice(2));
  rmSync(file, { force: true });
  writeFileSync(file, "rubbish");
  const history = createHistory(store, ["app/conf" as RepoPath], { git, readOnlyGit: git });
  await expect(history.entries(next)).rejects.toThrow(/ls-tree .+: error: /);
  await expect(history.modeFault(null, next, ["app/conf" as RepoPath])).rejects.toThrow(
    "Cannot read the trees of",
  );
});

test("a waiting service gets small files with the commit, or only the commit from a server without filters", async () => {
  const big = "0123456789abcdef\n".repeat(2_000);
  for (const allowed of [true, false]) {
    const upstream = anUpstream(`waits-${allowed}`, { "app/conf": "0\n" });
    upstream.git("config", "uploadpack.allowFilter", "true");
    upstream.git("config", "uploadpackfilter.allow", String(allowed));
    upstream.git("config", "uploadpackfilter.blob:none.allow", "true");
    const { store, tools } = aStore(upstream.path);
    const known = await askUpstream(store, ["main"], tools, asked);
    const next = upstream.commit({ "app/conf": "1\n", "app/big": big });
    const tips = await askUpstream(store, ["main"], tools, { ...asked, known, hurried: true });
    expect(tips.get("main")).toBe(next);
    const list = ["cat-file", "--batch-check", "--batch-all-objects"];
    const there = execFileSync("git", ["--git-dir", store.path, ...list], { encoding: "utf8" });
    const has = (path: string) => there.includes(upstream.git("rev-parse", `${next}:${path}`));
    expect([has("app/conf"), has("app/big"), has("app")]).toEqual([allowed, false, true]);
  }
});

test("a commit of very many files comes without them, for others wait for the same fetch", async () => {
  const upstream = anUpstream("very-many", { "app/conf": "0\n" });
  upstream.git("config", "uploadpack.allowFilter", "true");
  const failed: boolean[] = [];
  const setup = aStore(upstream.path, exec, (ok) => failed.push(!ok));
  const { store, tools } = setup;
  const known = await askUpstream(store, ["main"], tools, asked);
  const many = Array.from({ length: 2_500 }, (_, n) => [`app/f${n}`, `${n}\n`] as const);
  const next = upstream.commit({ ...Object.fromEntries(many), "app/conf": "1\n" });
  const reader = new ObjectReader(store, setup.git);
  const tips = await askUpstream(store, ["main"], tools, { ...asked, known, reader, hurried: true });
  expect(tips.get("main")).toBe(next);
  const list = ["--git-dir", store.path, "cat-file", "--batch-check", "--batch-all-objects"];
  const there = execFileSync("git", list, { encoding: "utf8" });
  expect(there).toContain(upstream.git("rev-parse", `${next}:app`));
  expect(there).not.toContain(upstream.git("rev-parse", `${next}:app/conf`));
  expect(failed).not.toContain(true);
});

/** Each object becomes a file of its own. */
function unpack(store: string): void {
  const one = 'git --git-dir=. unpack-objects -q <"$1"';
  const script = `mv objects/pack ..; mkdir objects/pack; find ../pack -name '*.pack' -exec sh -c '${one}' sh {} \\;`;
  execFileSync("sh", ["-c", script], { cwd: store });
}

test("of a commit that is like another one only the trees that differ are read", async () => {
  const upstream = anUpstream("like", { "app/etc/conf": "0\n", "app/run/x": "0\n", "other/etc/conf": "0\n" });
  const { store, tools, git } = aStore(upstream.path);
  const moved = upstream.commit({ "app/etc/conf": "1\n" });
  upstream.git("rm", "-rq", "other/etc");
  const removed = upstream.commit({ "other/new": "0\n" });
  await askUpstream(store, ["main"], tools, asked);
  const some = ["app/etc", "app/run/x", "app/none/x", "other/etc", "other/etc/conf"].map(
    (path) => path as RepoPath,
  );
  const read: string[] = [];
  const reader = new ObjectReader(store, git);
  const counted = {
    read: (names: readonly string[]) => {
      read.push(...names);
      return reader.read(names);
    },
  } as ObjectReader;
  let like: ReadonlyMap<string, Entry> | null = null;
  for (const [commit, trees] of [
    [upstream.first, ["", "app", "app/run", "other", "other/etc"]],
    [moved, ["", "app"]],
    [removed, ["", "other"]],
    [removed, []],
    [upstream.first, ["", "app", "other", "other/etc"]],
  ] as const) {
    read.length = 0;
    like = await quickEntries(counted, commit, pathTree(some), like);
    expect(new Map(some.flatMap((path) => (like?.has(path) ? [[path, like.get(path)]] : [])))).toEqual(
      await entriesAt(store, commit, some, git),
    );
    expect(read.slice(1).toSorted()).toEqual(
      trees.map((path) => upstream.git("rev-parse", `${commit}:${path}`)).toSorted(),
    );
  }
});
