/** Commit messages, and differences between commits, for people. */
import { type Commit, parseCommit } from "../../model/commit.ts";
import { ExecFailure, isOverflow } from "../../platform/process/exec.ts";
import { fetchBlobs, missingIds } from "../fetch/fetch-objects.ts";
import type { Git } from "../git.ts";
import { type ShownDiff, shownDiff } from "../records.ts";
import type { Store } from "../types.ts";
import { readingIn } from "./reader.ts";
import { pathspecs, type Range } from "./trees.ts";

export interface CommitInfo {
  readonly commit: Commit;
  readonly subject: string;
  readonly author: string;
  readonly committedAt: Date;
}

/** Most subjects are far shorter; longer ones are hostile or a mistake. */
const wordsMaxChars = 200;
const infoMaxBytes = 4 * 1024;
const cutTo = `%<(${2 * wordsMaxChars},trunc)`;
const idAndTime = "--format=%H%x00%ct";
const format = `${idAndTime}%x00${cutTo}%an%x00${cutTo}%s`;

/** @throws ExecFailure when the store lacks the commit */
export async function commitInfo(store: Store, commit: Commit, git: Git): Promise<CommitInfo | null> {
  return (await readInfos(store, ["--no-walk", commit, "--"], 1, git))[0] ?? null;
}

/** By commit, all with one git; commits that the store lacks are left out. @throws ExecFailure */
export async function commitInfos(
  store: Store,
  commits: readonly Commit[],
  git: Git,
): Promise<ReadonlyMap<Commit, CommitInfo>> {
  const unique = [...new Set(commits)];
  if (unique.length === 0) return new Map();
  const args = ["--ignore-missing", "--no-walk", ...unique, "--"];
  const infos = await readInfos(store, args, unique.length, git);
  return new Map(infos.map((info) => [info.commit, info]));
}

/** The commits of `to` that `from` lacks and that touch the paths, newest first; `max + 1` of them mean that there are more. */
export function commitsBetween(store: Store, range: Range, max: number, git: Git): Promise<CommitInfo[]> {
  return readInfos(store, [`--max-count=${max + 1}`, ...revisionsOf(range)], max + 1, git);
}

function revisionsOf({ from, to, paths }: Range): string[] {
  return [to, ...(from === null ? [] : [`^${from}`]), "--", ...pathspecs(paths)];
}

/** Git cannot truncate text that is not UTF-8 or has no width; such commits come without their subject. */
async function readInfos(
  store: Store,
  args: readonly string[],
  max: number,
  git: Git,
): Promise<CommitInfo[]> {
  const options = { stdoutMaxBytes: max * infoMaxBytes };
  const read = async (form: string) =>
    parseInfos((await git(readingIn(store), ["log", form, ...args], options)).stdout);
  try {
    return await read(format);
  } catch (error) {
    if (!isOverflow(error)) throw error;
    return read(idAndTime);
  }
}

/** How many commits of `to` touch the paths and are not in `from`. */
export async function countBetween(store: Store, range: Range<Commit>, git: Git): Promise<number> {
  const args = ["rev-list", "--count", ...revisionsOf(range)];
  return Number((await git(readingIn(store), args)).stdout.trim());
}

/** The id of the empty tree, which git knows without having it (SHA-1, SHA-256). */
export const emptyTree: Readonly<Record<number, string>> = {
  40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
  64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
};

const diffMaxBytes = 1024 * 1024;

/** The patch between two commits at these paths; only the file names when it is too large. @throws Problem */
export function diffBetween(store: Store, range: Range, git: Git, signal: AbortSignal): Promise<ShownDiff> {
  const from = range.from ?? emptyTree[range.to.length] ?? "";
  return shownDiff("Cannot compare the commits", async (kind, onStdout) => {
    if (kind.includes("--patch")) await bringDiffering(store, { ...range, from }, git, signal);
    const args = ["diff", "--no-color", "--no-ext-diff", "--no-textconv", ...kind, from, range.to, "--"];
    args.push(...pathspecs(range.paths));
    await git(readingIn(store), args, { signal, stdoutMaxBytes: diffMaxBytes, onStdout });
  });
}

const rawChange = /^:(\d{6}) (\d{6}) ([0-9a-f]+) ([0-9a-f]+) /;

/** The file ids of both sides in a line of `git diff-tree --raw`. */
function blobsIn(line: string): string[] {
  const [, oldMode, newMode, oldId = "", newId = ""] = rawChange.exec(line) ?? [];
  const sides = [
    { mode: oldMode, id: oldId },
    { mode: newMode, id: newId },
  ];
  return sides.flatMap(({ mode = "", id }) => (/^1[02]/.test(mode) ? [id] : []));
}

/** Fetches the files that differ. When even their list is too long, it fetches none, because the patch would be unreadable. */
async function bringDiffering(
  store: Store,
  { from, to, paths }: Range<string>,
  git: Git,
  signal: AbortSignal,
): Promise<void> {
  const args = ["diff-tree", "-r", "--raw", "--no-abbrev", "--no-renames", from, to, "--"];
  args.push(...pathspecs(paths));
  const options = { signal, stdoutMaxBytes: diffMaxBytes };
  const { stdout } = await git(readingIn(store), args, options);
  const blobs = [...new Set(stdout.split("\n").flatMap(blobsIn))];
  await fetchBlobs(store, await missingIds(store, blobs, git), git, signal);
}

const probeTimeoutMs = 8_000;

/** Null: the upstream answers; otherwise git's message. */
export async function probeUpstream(store: Store, git: Git): Promise<string | null> {
  const options = { network: "question", timeoutMs: probeTimeoutMs } as const;
  try {
    await git(store, ["ls-remote", "--quiet", "origin", "HEAD"], options);
    return null;
  } catch (error) {
    if (error instanceof ExecFailure) return error.keyLine;
    throw error;
  }
}

/** Every field is truncated, and the time is valid, whatever the commit says. */
export function parseInfos(text: string): CommitInfo[] {
  return text.split("\n").flatMap((line) => {
    const [id = "", seconds = "", author = "", subject = ""] = line.split("\0");
    const commit = parseCommit(id);
    if (commit === null) return [];
    return [{ commit, subject: wordsOf(subject), author: wordsOf(author), committedAt: timeOf(seconds) }];
  });
}

function wordsOf(text: string): string {
  const start = (of: string, chars: number) => of.slice(0, chars).trim().toWellFormed();
  const words = start(text, 4 * wordsMaxChars);
  return words.length > wordsMaxChars ? `${start(words, wordsMaxChars - 1)}…` : words;
}

/** The last second that RFC 3339 can write. */
const lastSecond = Date.UTC(9999, 11, 31, 23, 59, 59) / 1_000;

/** Git accepts any number; an invalid one becomes the epoch. */
function timeOf(seconds: string): Date {
  return new Date(Math.min(Math.max(Number(seconds) || 0, 0), lastSecond) * 1_000);
}
