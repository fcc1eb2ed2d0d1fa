/** Files in a checkout that git's user cannot read, such as files that root left there: git cannot diff them. */
import { closeSync, copyFileSync, fstatSync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Account } from "../../model/account.ts";
import type { AbsPath } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";
import { messageOf } from "../../model/text/error-message.ts";
import { encodePath, showPath } from "../../model/text/path-bytes.ts";
import { asPlainFile } from "../../platform/files/directory.ts";
import { HeldDirectory } from "../../platform/files/held-directory.ts";
import { createYieldToEventLoop, filterInBatches } from "../../platform/yield-to-event-loop.ts";
import { lstatInside } from "../checkout/files-in-the-way.ts";

/** The paths whose mode keeps the account from reading them; none for root's account, or when not run as root. */
export async function unreadableAmong(
  checkout: AbsPath,
  paths: readonly string[],
  account: Account,
): Promise<string[]> {
  if (process.getuid?.() !== 0 || account.uid === 0) return [];
  return filterInBatches(paths, (path) => {
    const seen = lstatInside(checkout, path);
    if (!seen?.isFile()) return false;
    const mayRead = seen.uid === account.uid ? 0o400 : seen.gid === account.gid ? 0o040 : 0o004;
    return (seen.mode & mayRead) === 0;
  });
}

/** Copies them below `to`, where only root can read them. @throws Problem when one cannot be saved */
export async function copyFiles(checkout: AbsPath, paths: readonly string[], to: string): Promise<void> {
  const yieldToEventLoop = createYieldToEventLoop();
  for (const path of paths) {
    await yieldToEventLoop();
    using parent = HeldDirectory.below(checkout, dirname(path));
    if (parent === null) continue;
    const copy = join(to, path);
    try {
      mkdirSync(encodePath(dirname(copy)), { recursive: true, mode: 0o700 });
      copyFile(encodePath(`${parent.path}/${basename(path)}`), encodePath(copy));
    } catch (error) {
      const what = `Cannot save ${JSON.stringify(showPath(path))} of ${JSON.stringify(checkout)}`;
      throw new Problem("host", `${what}: ${messageOf(error)}`, { cause: error });
    }
  }
}

/** Copies from the opened descriptor, so its owner cannot swap the file; never waits for a pipe. */
function copyFile(from: Buffer, to: Buffer): void {
  using files = new DisposableStack();
  const fd = files.adopt(openSync(from, asPlainFile), closeSync);
  if (!fstatSync(fd).isFile()) throw new Error("it is no file any more");
  copyFileSync(`/proc/self/fd/${fd}`, to);
  fsyncSync(files.adopt(openSync(to, "r"), closeSync));
}
