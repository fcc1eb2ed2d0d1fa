/** Whether a state file is damaged, as SQLite and the file system see it. */
import { lstatSync, statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

/** The state file is damaged and has to be replaced; the message says why. */
export class StateDamage extends Error {
  constructor(why: string, options?: ErrorOptions) {
    super(why, options);
    this.name = "StateDamage";
  }
}

/** Result codes of SQLite (rescode.html). */
const codes = { error: 1, corrupt: 11, notADatabase: 26 };

/** Why, where an error of SQLite tells of damage; null for all others: a full disk, another process, a bug. */
export function damageOf(error: unknown): string | null {
  const code = codeOf(error);
  return code === codes.corrupt || code === codes.notADatabase ? messageOf(error) : null;
}

/** What SQLite writes beside a database. */
export const besides = ["-wal", "-shm", "-journal"];

/** @throws StateDamage where something else than a plain file is in the way; it could block for ever */
export function assertPlainFiles(path: string): void {
  for (const each of ["", ...besides].map((end) => `${path}${end}`)) {
    const seen = statSync(each, { throwIfNoEntry: false }) ?? lstatSync(each, { throwIfNoEntry: false });
    if (seen !== undefined && !seen.isFile() && !seen.isSymbolicLink())
      throw new StateDamage(`${each} is not a file`);
  }
}

/** The tables without which nothing is mounted, held back or let in. They are small; the others are judged as they are read. */
const needed = ["services", "mounts", "tokens", "bad_commits"];

/** @throws StateDamage */
export function assertSound(db: DatabaseSync): void {
  try {
    for (const table of needed) {
      const [first] = db.prepare(`PRAGMA quick_check("${table}")`).all();
      if (first?.quick_check !== "ok") throw new StateDamage(`table ${table}: ${first?.quick_check}`);
    }
  } catch (error) {
    // Such as a table that is not there.
    if (codeOf(error) === codes.error) throw new StateDamage(messageOf(error), { cause: error });
    throw error;
  }
}

function codeOf(error: unknown): number | null {
  // Extended codes have the plain one in their lowest byte.
  return error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
