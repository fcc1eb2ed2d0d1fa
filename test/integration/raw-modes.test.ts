/** Trees that no git would write, as real git shows them. */
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { askUpstream } from "../../src/git/fetch/poll-upstream.ts";
import { ObjectReader } from "../../src/git/history/object-reader.ts";
import { type RawMode, rawModes } from "../../src/git/history/raw-modes.ts";
import type { Commit } from "../../src/model/commit.ts";
import type { RepoPath } from "../../src/model/path.ts";
import { anUpstream, aStore, asked } from "./a-store.ts";

type TheUpstream = ReturnType<typeof anUpstream>;

/** A commit on the tip of `main` with just these entries in `app/etc`. */
function commitOf(upstream: TheUpstream, entries: Readonly<Record<string, string>>): Commit {
  const { path, git } = upstream;
  const blob = Buffer.from(git("rev-parse", "HEAD:root"), "hex");
  const write = (tree: Buffer) =>
    execFileSync("git", ["-C", path, "hash-object", "-t", "tree", "-w", "--literally", "--stdin"], {
      input: tree,
      encoding: "utf8",
    }).trim();
  const entry = (mode: string, name: string, id: Buffer) =>
    Buffer.concat([Buffer.from(`${mode} ${name}\0`), id]);
  const etc = write(Buffer.concat(Object.entries(entries).map(([name, mode]) => entry(mode, name, blob))));
  const app = write(entry("40000", "etc", Buffer.from(etc, "hex")));
  const root = write(
    Buffer.concat([entry("40000", "app", Buffer.from(app, "hex")), entry("104755", "root", blob)]),
  );
  const commit = git("commit-tree", "-p", "HEAD", "-m", "odd", root);
  git("update-ref", "refs/heads/main", commit);
  return commit as Commit;
}

test.each(["sha1", "sha256"])("modes are those of the tree objects, with %s ids", async (format) => {
  const upstream = anUpstream(`modes-${format}`, { root: "r\n", "app/etc/conf": "one\n" }, format);
  const odd = commitOf(upstream, { conf: "100644", device: "20644", run: "104755" });
  const { store, tools, git } = aStore(upstream.path);
  await askUpstream(store, ["main"], tools, asked);
  const reader = new ObjectReader(store, git);
  const at = async (base: Commit | null, to: Commit, ...paths: string[]) => {
    const found: RawMode[] = [];
    for await (const batch of rawModes(reader, { base, to, paths: paths as RepoPath[] }))
      found.push(...batch);
    return found.map(({ path, mode }) => `${mode} ${path}`).sort();
  };
  const etc = ["020644 app/etc/device", "040000 app/etc", "100644 app/etc/conf", "104755 app/etc/run"];
  expect(await at(null, odd, "app/etc")).toEqual(etc);
  expect(await at(upstream.first, odd, "app/etc")).toEqual(etc);
  expect(await at("1".repeat(odd.length) as Commit, odd, "app/etc")).toEqual(etc);
  // The mode of a single file is in the directory that it is in.
  expect(await at(null, odd, "app/etc/run")).toEqual(["104755 app/etc/run"]);
  expect(await at(null, odd, ".")).toEqual(expect.arrayContaining(["104755 root", "040000 app", ...etc]));
  const next = upstream.git("commit-tree", "-p", odd, "-m", "same", `${odd}^{tree}`) as Commit;
  upstream.git("update-ref", "refs/heads/main", next);
  await askUpstream(store, ["main"], tools, asked);
  expect(await at(odd, next, "app/etc")).toEqual([]);
});
