/** Writes a commit as a patch for `git am`. */
import { closeSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gitProblem } from "../../git/git.ts";
import type { Commit } from "../../model/commit.ts";
import { Problem } from "../../model/problem.ts";
import { hasCode } from "../../platform/files/write-whole.ts";
import type { Change } from "./commit.ts";
import type { Repository } from "./repository.ts";

/**
 * Of a temporary repository, whose attributes are stronger than those in the commit. Files that mail programs or `git am`
 * would change are in it as git's binary patches. @throws Problem when the file exists
 */
export async function writePatch(
  { gitDir, run }: Repository,
  commit: Commit,
  changes: readonly Change[],
  path: string,
): Promise<void> {
  const plain = changes.every(({ to }) => to === null || isPlainText(to.content));
  mkdirSync(join(gitDir, "info"), { recursive: true });
  writeFileSync(join(gitDir, "info/attributes"), `* -text -eol -ident -filter ${plain ? "diff" : "-diff"}\n`);
  let fd: number;
  try {
    fd = openSync(path, "wx", 0o600);
  } catch (error) {
    const why = hasCode(error, "EEXIST") ? "it exists; name a new file" : String(error);
    throw new Problem("host", `Cannot write the patch ${JSON.stringify(path)}: ${why}`, { cause: error });
  }
  const format = [
    "--no-signature",
    "--binary",
    "--full-index",
    "--no-renames",
    "--no-ext-diff",
    "--no-textconv",
  ];
  try {
    await run(["format-patch", "--stdout", "--root", "-1", ...format, commit], { stdoutFd: fd });
  } catch (error) {
    throw gitProblem("Cannot write the patch", error);
  } finally {
    closeSync(fd);
  }
}

/** Lines of UTF-8 without control characters that a mail does not keep. */
export function isPlainText(content: Buffer): boolean {
  if (content.includes(0) || content.includes(0x0d)) return false;
  return Buffer.from(content.toString("utf8")).equals(content);
}
