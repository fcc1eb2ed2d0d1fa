/** Repositories on this host that belong to another user, in every spelling that git accepts. */
import { execFileSync } from "node:child_process";
import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { askUpstream } from "../../src/git/fetch/poll-upstream.ts";
import { anUpstream, aStore, asked, scratch } from "./a-store.ts";

const nobody = "65534:65534";
const spellings: readonly (readonly [string, (paths: { bare: string; work: string }) => string])[] = [
  ["a bare repository", ({ bare }) => bare],
  ["a bare repository with a slash at its end", ({ bare }) => `${bare}/`],
  ["a bare repository without .git", ({ bare }) => bare.slice(0, -".git".length)],
  ["file://", ({ bare }) => `file://${bare}`],
  ["file:// without .git", ({ bare }) => `file://${bare.slice(0, -".git".length)}`],
  ["file:// with a slash at its end", ({ bare }) => `file://${bare}/`],
  ["a repository with files", ({ work }) => work],
  ["a repository with files and a slash at its end", ({ work }) => `${work}/`],
  ["the .git of a repository with files", ({ work }) => `${work}/.git`],
  ["file:// of a repository with files", ({ work }) => `file://${work}`],
  ["a symlink", ({ bare }) => `${bare}.link`],
];

test.runIf(process.getuid?.() === 0).each(spellings)("%s is followed", async (_, spell) => {
  const work = join(scratch, "foreign");
  const bare = join(scratch, "foreign-bare.git");
  if (!existsSync(work)) {
    anUpstream("foreign", { "app/conf": "one\n" });
    execFileSync("git", ["clone", "-q", "--bare", work, bare]);
    symlinkSync(bare, `${bare}.link`);
    execFileSync("chown", ["-hR", nobody, work, bare, `${bare}.link`]);
  }
  const { store, tools } = aStore(spell({ bare, work }));
  const tips = await askUpstream(store, ["main"], tools, asked);
  expect([...tips.keys()]).toEqual(["main"]);
});
