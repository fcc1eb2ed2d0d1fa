/** Observes the place of a bundle: whether a file is there, who may read it, and who may change it. */
import { lstatSync, statSync } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Account } from "../../model/account.ts";
import { untilAborted } from "../../platform/abort.ts";
import { realOf, stickyBit } from "../../platform/files/trust.ts";
import { codeOf } from "../../platform/files/write-whole.ts";
import type { Exec } from "../../platform/process/exec.ts";

/** A medium that was pulled out may leave a file system that does not answer. */
const answerWithinMs = 10_000;

/** `identity` changes with the file, as far as its file system notices. */
export type Observed = { readonly identity: string } | { readonly missing: string };

/** Observes one file; only one question at a time waits for its file system. Never rejects. */
export class FileObserver {
  readonly #path: string;
  #answer: Promise<Observed> | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  async observe(signal: AbortSignal): Promise<Observed> {
    this.#answer ??= observeFile(this.#path).finally(() => {
      this.#answer = null;
    });
    const late = AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]);
    const seen = await Promise.race([this.#answer, untilAborted(late)]);
    return seen ?? { missing: "its file system does not answer" };
  }
}

async function observeFile(path: string): Promise<Observed> {
  try {
    const seen = await stat(path, { bigint: true });
    // Git never opens a pipe or a device here; a directory may be a repository in spite of its name.
    if (!seen.isFile() && !seen.isDirectory()) return { missing: "it is not a regular file" };
    if (seen.isDirectory()) return { identity: "" };
    return { identity: [seen.dev, seen.ino, seen.size, seen.mtimeNs, seen.ctimeNs].join(" ") };
  } catch (error) {
    const code = codeOf(error);
    if (code !== "ENOENT" && code !== "ENOTDIR") return { missing: `it cannot be reached (${code})` };
    return { missing: "there is no such file; plug in its medium, or copy a bundle there" };
  }
}

/** @throws ExecFailure */
export async function canRead(path: string, account: Account, exec: Exec): Promise<boolean> {
  const argv = ["test", "-r", path];
  const { status } = await exec(argv, { account, timeoutMs: answerWithinMs, okStatus: [0, 1] });
  return status === 0;
}

const othersWrite = 0o002;

/** The file, or one of its parent directories, that every user of this host may change; null: there is none. */
export function openToAll(path: string): string | null {
  const real = realOf(path);
  if (real === null) return null;
  if ((statSync(real).mode & othersWrite) !== 0) return path;
  return openDirectory(path) ?? (real === path ? null : openDirectory(real));
}

function openDirectory(path: string): string | null {
  for (let part = path; part !== "/"; part = dirname(part)) {
    const { mode } = statSync(dirname(part));
    const keepsIt = (mode & stickyBit) !== 0 && part !== path && lstatSync(part).isDirectory();
    if ((mode & othersWrite) !== 0 && !keepsIt) return dirname(part);
  }
  return null;
}
