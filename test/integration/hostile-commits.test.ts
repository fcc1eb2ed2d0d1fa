/** Whatever a commit contains, its description is short, valid and quick to make. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { askUpstream } from "../../src/git/fetch/poll-upstream.ts";
import { commitsBetween } from "../../src/git/history/log.ts";
import { signatureFault } from "../../src/git/history/signatures.ts";
import type { Commit } from "../../src/model/commit.ts";
import type { AbsPath, RepoPath } from "../../src/model/path.ts";
import { createHistory } from "../../src/reconcile/history-reader.ts";
import { anUpstream, aStore, asked } from "./a-store.ts";

const mega = 1024 * 1024;
const when = "1700000000 +0000";
const endOfTime = "9999-12-31T23:59:59.000Z";

interface Written {
  readonly author?: string;
  readonly committer?: string;
  readonly message?: string | Buffer;
}

/** A commit as no git would make it, on top of all others. */
function aCommit(upstream: ReturnType<typeof anUpstream>, { author, committer, message }: Written): Commit {
  const [tree, parent] = [upstream.git("rev-parse", "HEAD^{tree}"), upstream.git("rev-parse", "HEAD")];
  const head = `tree ${tree}\nparent ${parent}\nauthor ${author ?? `a <a@b> ${when}`}\ncommitter ${committer ?? `c <c@d> ${when}`}\n\n`;
  const input = Buffer.concat([Buffer.from(head), Buffer.from(message ?? "m\n")]);
  const args = ["-C", upstream.path, "hash-object", "-t", "commit", "-w", "--stdin", "--literally"];
  const commit = execFileSync("git", args, { input, encoding: "utf8" }).trim();
  upstream.git("reset", "-q", "--hard", commit);
  return commit as Commit;
}

async function told(name: string, written: Written) {
  const upstream = anUpstream(name, { "app/a": "a\n" });
  const commit = aCommit(upstream, written);
  const { store, tools, git } = aStore(upstream.path);
  const tips = await askUpstream(store, ["main"], tools, asked);
  expect(tips.get("main")).toBe(commit);
  const history = createHistory(store, ["app" as RepoPath], { git, readOnlyGit: git });
  const info = await history.info(commit);
  const [newest] = await commitsBetween(
    store,
    { from: upstream.first, to: commit, paths: ["." as RepoPath] },
    100,
    git,
  );
  expect(newest === undefined || JSON.stringify(newest) === JSON.stringify(info)).toBe(true);
  expect(await history.isAncestor(upstream.first, commit)).toBe(true);
  expect([...(await history.entries(commit)).keys()]).toContain("app");
  return { info, store, commit, git };
}

test.each([
  ["a time that no calendar has", { committer: "c <c@d> 99999999999999 +0000" }, endOfTime],
  ["more seconds than git counts", { committer: `c <c@d> ${"9".repeat(40)} +0000` }, endOfTime],
  ["a time before all", { committer: "c <c@d> -5 +0000" }, "1970-01-01T00:00:00.000Z"],
  ["no time at all", { committer: "c <c@d>" }, "1970-01-01T00:00:00.000Z"],
])("%s", async (name, written, committedAt) => {
  const { info } = await told(name.replaceAll(" ", "-"), written);
  expect(info?.committedAt.toISOString()).toBe(committedAt);
});

const cutOff = (letter: string) => `${letter.repeat(199)}…`;

test.each([
  ["a long subject", { message: "s".repeat(5 * mega) }, cutOff("s")],
  ["a long subject of bytes that are no UTF-8", { message: Buffer.alloc(5 * mega, 0xe9) }, ""],
  ["a long subject without width", { message: "\u0301".repeat(3 * mega) }, ""],
  ["blanks", { message: `s${" ".repeat(300_000)}t` }, "s…"],
  ["a long message", { message: `s\n\n${"m\n".repeat(40 * mega)}` }, "s"],
  ["no message", { message: "" }, ""],
])("%s", async (name, written, subject) => {
  const { info } = await told(name.replaceAll(" ", "-"), written);
  expect(info?.subject).toBe(subject);
});

test("a long author", async () => {
  const { info } = await told("author", { author: `${"a".repeat(5 * mega)} <a@b> ${when}` });
  expect(info?.author).toBe(cutOff("a"));
});

test("a commit that is too large to be verified is refused, with the reason", async () => {
  const { store, commit, git } = await told("unverifiable", { message: "m".repeat(80 * mega) });
  const signers = { digest: "", allowedSigners: "/dev/null" as AbsPath, gnupgHome: null };
  expect(await signatureFault(store, commit, signers, git)).toMatch(/^is larger than 1 MiB; /);
});

test("a branch at a tree, a blob or a tag of one is reported, and the other branches are followed", async () => {
  const upstream = anUpstream("no-commits", { "app/a": "a\n" });
  const tree = upstream.git("rev-parse", "HEAD^{tree}");
  const blob = upstream.git("rev-parse", "HEAD:app/a");
  // Git itself refuses to put anything but a commit there.
  for (const [branch, id] of Object.entries({ tree, blob }))
    writeFileSync(join(upstream.path, ".git/refs/heads", branch), `${id}\n`);
  const { store, tools } = aStore(upstream.path);
  const told = new Map<string, string>();
  const onTrouble = (branch: string, { message }: Error) => void told.set(branch, message);
  const tips = await askUpstream(store, ["main", "tree", "blob"], tools, { ...asked, onTrouble });
  expect([...tips]).toEqual([["main", upstream.first]]);
  expect([...told.keys()].sort()).toEqual(["blob", "tree"]);
  expect(told.get("tree")).toMatch(
    /^Cannot follow branch "tree": .*(at a tree, not at a commit|bad|not our ref)/,
  );
});
