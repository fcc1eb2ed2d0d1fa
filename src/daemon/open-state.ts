/** Opens the state file; a damaged one is set aside, and a new one begins. */
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { besides, StateDamage } from "../history/damage.ts";
import { StateFile } from "../history/state-file.ts";
import type { AbsPath } from "../model/path.ts";
import { setAside } from "../platform/files/set-aside.ts";
import { journalPath, storesDir } from "../platform/files/state-paths.ts";
import type { Log } from "../platform/log.ts";

/** The marker file: the state file was found damaged while it was open. */
const markOf = (path: string): string => `${path}.damaged`;

/**
 * `isLost`: this host has services, and their records are gone.
 * @throws Error when the file cannot be opened, in one line for people
 */
export function openState(stateDir: AbsPath, log: Log, now: Date): { file: StateFile; isLost: boolean } {
  const path = journalPath(stateDir);
  try {
    const file = new StateFile(path);
    if (existsSync(markOf(path))) {
      file.close();
      throw new StateDamage("that was found while gitopper ran");
    }
    const isLost = file.isNew && hasStores(stateDir);
    if (isLost) log.error(`the state file ${path} was empty or missing: ${gone}`);
    return { file, isLost };
  } catch (error) {
    if (!(error instanceof StateDamage)) throw failure(path, error);
    return { file: startWithEmptyState(path, error, log, now), isLost: true };
  }
}

/** The next start sets the file aside. */
export function markDamaged(stateDir: AbsPath): void {
  writeFileSync(markOf(journalPath(stateDir)), "");
}

const gone =
  "freezes, rollbacks, history and tokens of before are gone; services keep their files, and follow their upstream";

function startWithEmptyState(path: string, { message }: StateDamage, log: Log, now: Date): StateFile {
  try {
    for (const end of besides) if (existsSync(path + end)) setAside(path + end, now);
    const aside = existsSync(path) ? setAside(path, now) : path;
    rmSync(markOf(path), { force: true });
    const file = new StateFile(path);
    log.error(
      `the state file ${path} is damaged (${message}): it is ${aside} now, and a new one begins; ${gone}`,
    );
    return file;
  } catch (error) {
    throw failure(path, error);
  }
}

function failure(path: string, error: unknown): Error {
  const why = error instanceof Error ? error.message : String(error);
  const hint = hints.find(([words]) => words.test(why))?.[1] ?? why;
  return new Error(`Cannot open the state file ${path}: ${hint}`, { cause: error });
}

const hints: readonly (readonly [RegExp, string])[] = [
  [/locked/, "another gitopper uses it; stop that one, or choose another --state-dir"],
  [/readonly|EROFS/, "it cannot be written; check that its file system is not read-only"],
  [/disk is full|ENOSPC/, "its disk is full; make room there"],
];

function hasStores(stateDir: AbsPath): boolean {
  return readdirSync(storesDir(stateDir)).length > 0;
}
