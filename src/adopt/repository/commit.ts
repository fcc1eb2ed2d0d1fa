/** Makes a commit of files, byte for byte: neither attributes nor filters nor the working tree have a part in it. */
import { gitProblem } from "../../git/git.ts";
import { type Commit, parseCommit } from "../../model/commit.ts";
import { decodePath, encodePath } from "../../model/text/path-bytes.ts";
import type { Repository } from "./repository.ts";

/** A file of the commit: its path in the repository, git's mode, and its bytes; null removes it. */
export interface Change {
  readonly path: string;
  readonly to: { readonly mode: "100644" | "100755" | "120000"; readonly content: Buffer } | null;
}

export interface NewCommit {
  /** A full name that does not exist yet. */
  readonly ref: string;
  readonly base: Commit | null;
  readonly message: string;
  readonly changes: readonly Change[];
  readonly at: Date;
}

/** One process, which updates the ref at its end. @throws Problem */
export async function makeCommit(repository: Repository, commit: NewCommit): Promise<Commit> {
  const input = decodePath(renderStream(repository, commit));
  try {
    await repository.run(["fast-import", "--quiet", "--date-format=raw"], { input });
    const { stdout } = await repository.run(["rev-parse", "--verify", commit.ref]);
    return parseCommit(stdout.trim()) ?? failed(stdout);
  } catch (error) {
    throw gitProblem("Cannot make the commit", error);
  }
}

function failed(text: string): never {
  throw new Error(`Not a commit: ${text}`);
}

/** As git-fast-import(1) reads it. */
function renderStream({ author }: Repository, { ref, base, message, changes, at }: NewCommit): Buffer {
  const who = `${author.name} <${author.email}> ${Math.floor(at.getTime() / 1000)} +0000`;
  const text = Buffer.from(`${message.trimEnd()}\n`);
  const parts: Buffer[] = [
    Buffer.from(`commit ${ref}\nauthor ${who}\ncommitter ${who}\ndata ${text.length}\n`),
    text,
    Buffer.from(base === null ? "" : `from ${base}\n`),
  ];
  for (const { path, to } of changes) parts.push(...renderChange(path, to));
  return Buffer.concat([...parts, Buffer.from("done\n")]);
}

function renderChange(path: string, to: Change["to"]): Buffer[] {
  const name = encodePath(quotedPath(path));
  if (to === null) return [Buffer.from("D "), name, Buffer.from("\n")];
  return [
    ...[Buffer.from(`M ${to.mode} inline `), name, Buffer.from(`\ndata ${to.content.length}\n`)],
    ...[to.content, Buffer.from("\n")],
  ];
}

function quotedPath(path: string): string {
  const escapes: Readonly<Record<string, string>> = { '"': '\\"', "\\": "\\\\", "\n": "\\n" };
  return `"${path.replace(/["\\\n]/g, (char) => escapes[char] ?? char)}"`;
}
