/** Bundles as upstreams: made by a real git, whole and incremental, sound and spoilt. */
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createBundles } from "../../src/git/fetch/bundle.ts";
import { askUpstream } from "../../src/git/fetch/poll-upstream.ts";
import type { Tips } from "../../src/git/types.ts";
import { exec } from "../../src/platform/process/exec.ts";
import { anUpstream, aStore, scratch } from "./a-store.ts";

const signal = new AbortController().signal;
let made = 0;

/** A repository, and a store that follows a bundle made from it; the bundle is not there yet. */
function aBundle({ format = "sha1", url = (path: string) => path } = {}) {
  const repository = anUpstream(
    `bundled-${++made}`,
    { "app/conf": "one\n", large: "x".repeat(50_000) },
    format,
  );
  const directory = mkdtempSync(join(scratch, "medium-"));
  chmodSync(directory, 0o755);
  const path = join(directory, "config.bundle");
  const git: string[] = [];
  const counting: typeof exec = (argv, options) => {
    if (argv.includes("git")) git.push(argv.join(" "));
    return exec(argv, options);
  };
  const { store, tools } = aStore(url(path), counting);
  let nowMs = 0;
  const bundles = createBundles({ monotonicMs: () => nowMs });
  let known: Tips | null = null;
  /** As the daemon polls: after a failure nothing is known for certain. */
  const poll = async (options: { hurried?: boolean; unsigned?: boolean } = {}) => {
    const before = known;
    known = null;
    nowMs += 10_000;
    known = await askUpstream(store, ["main"], { ...tools, bundles }, { signal, known: before, ...options });
    return known.get("main");
  };
  /** Replaces the file by another one, as `mv` does. */
  const make = (...range: string[]) => {
    repository.git("bundle", "create", "-q", `${path}.new`, ...range);
    renameSync(`${path}.new`, path);
  };
  const tip = () => repository.git("rev-parse", "main");
  return { ...repository, work: repository.path, path, directory, make, poll, tip, git, store };
}

test.each([
  ["sha1", (path: string) => path],
  ["sha256", (path: string) => path],
  ["sha1", (path: string) => `file://${path}`],
])("a whole bundle and those that continue it are followed (%s, %o)", async (format, url) => {
  const bundle = aBundle({ format, url });
  bundle.make("main");
  expect(await bundle.poll()).toBe(bundle.first);

  const second = bundle.commit({ "app/conf": "two\n" });
  bundle.make(`${bundle.first}..main`);
  expect(await bundle.poll()).toBe(second);
  bundle.commit({ "app/conf": "three\n" });
  const fourth = bundle.commit({ "app/conf": "four\n" });
  bundle.make(`${second}..main`);
  expect(await bundle.poll()).toBe(fourth);
  const history = execFileSync("git", ["--git-dir", bundle.store.path, "rev-list", "--objects", fourth]);
  expect(history.toString()).toContain(bundle.first);
});

test("git runs only when the file has changed, or when someone asks", async () => {
  const bundle = aBundle();
  bundle.make("main");
  await bundle.poll();
  await bundle.poll();
  bundle.git.length = 0;
  for (let polls = 0; polls < 30; polls++) expect(await bundle.poll()).toBe(bundle.first);
  expect(bundle.git).toEqual([]);
  await bundle.poll({ hurried: true });
  expect(bundle.git).toHaveLength(1);

  // Another file of the same size and time.
  const { mtime, size } = statSync(bundle.path);
  const second = bundle.commit({ "app/conf": "two\n" });
  bundle.make("main");
  appendFileSync(bundle.path, "\0".repeat(Math.max(0, size - statSync(bundle.path).size)));
  utimesSync(bundle.path, mtime, mtime);
  expect(await bundle.poll()).toBe(second);
});

test("a file that changes without a trace soon after it was read is read again", async () => {
  const bundle = aBundle();
  bundle.make("main");
  await bundle.poll();
  bundle.git.length = 0;
  await bundle.poll();
  expect(bundle.git).toHaveLength(1);
});

test("a bundle that is not there is missed without git, and taken when it appears", async () => {
  const bundle = aBundle();
  const missing = /^Cannot fetch ".*config\.bundle": there is no such file; plug in its medium, or copy/;
  for (let polls = 0; polls < 3; polls++) await expect(bundle.poll()).rejects.toThrow(missing);
  expect(bundle.git).toEqual([]);
  bundle.make("main");
  expect(await bundle.poll()).toBe(bundle.first);
  rmSync(bundle.directory, { recursive: true });
  await expect(bundle.poll()).rejects.toThrow(missing);
  mkdirSync(bundle.directory);
  bundle.make("main");
  expect(await bundle.poll()).toBe(bundle.first);
});

test("a bundle without the branch has no tip", async () => {
  const bundle = aBundle();
  bundle.make("HEAD");
  expect(await bundle.poll()).toBeUndefined();
});

const spoilt: readonly (readonly [string, (bundle: ReturnType<typeof aBundle>) => void, RegExp])[] = [
  [
    "continues from elsewhere",
    (bundle) => continueFromElsewhere(bundle),
    /continues from commit [0-9a-f]{12}, which/,
  ],
  [
    "was cut",
    ({ path }) => truncateSync(path, statSync(path).size - 100),
    /damaged, or was not copied whole/,
  ],
  [
    "has a wrong byte",
    ({ path }) => spoil(path, statSync(path).size - 60),
    /damaged, or was not copied whole/,
  ],
  ["has a wrong sum", ({ path }) => spoil(path, statSync(path).size - 2), /damaged, or was not copied whole/],
  ["has a wrong head", ({ path }) => spoil(path, 5), /it is not a git bundle/],
  ["is empty", ({ path }) => truncateSync(path), /it is not a git bundle/],
  ["is of a shallow clone", (bundle) => makeShallow(bundle), /it lacks objects/],
  ["leaves files out", (bundle) => bundle.make("--filter=blob:none", "main"), /it lacks objects/],
];

test.each(spoilt)(
  "a bundle that %s is refused with one line, once, and a good one is taken",
  async (_, spoilIt, why) => {
    const bundle = aBundle();
    bundle.make("main");
    spoilIt(bundle);
    await expect(bundle.poll()).rejects.toThrow(why);
    await expect(bundle.poll()).rejects.toThrow(/^Cannot fetch "[^\n]*$/);
    bundle.git.length = 0;
    for (let polls = 0; polls < 5; polls++) await expect(bundle.poll()).rejects.toThrow(why);
    expect(bundle.git).toEqual([]);
    await expect(bundle.poll({ hurried: true })).rejects.toThrow(why);

    bundle.make("main");
    expect(await bundle.poll()).toBe(bundle.tip());
  },
);

function spoil(path: string, at: number): void {
  const bytes = readFileSync(path);
  for (const index of [at, at + 1]) bytes[index] = (bytes[index] ?? 0) ^ 0xff;
  writeFileSync(path, bytes);
}

function continueFromElsewhere(bundle: ReturnType<typeof aBundle>): void {
  bundle.commit({ "app/conf": "two\n" });
  bundle.make(`${bundle.first}..main`);
}

function makeShallow(bundle: ReturnType<typeof aBundle>): void {
  bundle.commit({ "app/conf": "two\n" });
  const clone = `${bundle.path}.clone`;
  execFileSync("git", ["clone", "-q", "--depth=1", `file://${bundle.work}`, clone]);
  execFileSync("git", ["-C", clone, "bundle", "create", "-q", bundle.path, "main"]);
}

test.runIf(process.getuid?.() === 0)(
  "a file or directory that everybody may change is refused without signatures",
  async () => {
    const bundle = aBundle();
    bundle.make("main");
    const open = /every user of this host may change .*; take that permission away, or set verify/;
    // The directory of the tests is below a sticky /tmp, as a root's own.
    expect(await bundle.poll({ unsigned: true })).toBe(bundle.first);
    chmodSync(bundle.path, 0o666);
    await expect(bundle.poll({ unsigned: true })).rejects.toThrow(open);
    chmodSync(bundle.path, 0o644);
    chmodSync(bundle.directory, 0o1777);
    await expect(bundle.poll({ unsigned: true })).rejects.toThrow(`may change "${bundle.directory}"`);
    expect(await bundle.poll()).toBe(bundle.first);
  },
);
