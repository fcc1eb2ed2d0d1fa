import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { askUpstream } from "../../src/git/fetch/poll-upstream.ts";
import { readTips, refsMax } from "../../src/git/fetch/tip-refs.ts";
import { findCommits } from "../../src/git/history/trees.ts";
import { keepCommits, readKept } from "../../src/git/store/kept-refs.ts";
import type { Commit } from "../../src/model/commit.ts";
import { anUpstream, aStore, asked } from "./a-store.ts";

test("a store finds what no branch has any more while it keeps it, and says what it has lost", async () => {
  const upstream = anUpstream("kept", { "app/conf": "one\n" });
  const { store, tools, git } = aStore(`file://${upstream.path}`);
  const second = upstream.commit({ "app/conf": "two\n" });
  await askUpstream(store, ["main"], tools, asked);
  expect(await keepCommits(store, new Set([second]), new Set(), git)).toEqual(new Set());

  upstream.git("reset", "-q", "--hard", upstream.first);
  const third = upstream.commit({ "app/conf": "three\n" });
  await askUpstream(store, ["main"], tools, asked);
  expect(await findCommits(store, [third], second.slice(0, 12), git)).toEqual([second]);

  const lost = "0123456789".repeat(4) as Commit;
  rmSync(join(upstream.path, ".git"), { recursive: true });
  const have = await readKept(store, git);
  expect(have).toEqual(new Set([second]));
  expect(await keepCommits(store, new Set([third, lost]), have, git)).toEqual(new Set([lost]));
  expect(await findCommits(store, [third], second.slice(0, 12), git)).toEqual([]);
});

test("among more refs than are listed at once tips are found, and those of commits that are to be kept stay", async () => {
  const upstream = anUpstream("many-refs", { "app/conf": "one\n" });
  const { store, tools, git } = aStore(`file://${upstream.path}`);
  const tips = await askUpstream(store, ["main"], tools, asked);
  const refs = ["refs/gitopper/deployed/", "refs/remotes/origin/a"].flatMap((folder) =>
    Array.from({ length: refsMax + 1 }, (_, ref) => folder + ref.toString(16).padStart(40, "0")),
  );
  const lines = refs.sort().map((ref) => `${upstream.first} ${ref}\n`);
  writeFileSync(join(store.path, "packed-refs"), `# pack-refs with: sorted \n${lines.join("")}`);
  expect(await readTips(store, ["main"], git)).toEqual(tips);
  for (let times = 0; times < 2; times += 1) {
    const have = await readKept(store, git);
    expect(await keepCommits(store, new Set([upstream.first]), have, git)).toEqual(new Set());
  }
  const { stdout } = await git(store, ["for-each-ref", "--format=%(refname)", "refs/gitopper/"]);
  expect(stdout).toBe(`refs/gitopper/deployed/${upstream.first}\n`);
});
