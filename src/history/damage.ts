/** Recognises a damaged state file from errors of SQLite and the file system. */
import { lstatSync, statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { messageOf } from "../model/text/error-message.ts";

/** The state file is damaged and has to be replaced; the message says why. */
export class StateDamage extends Error {
  constructor(why: string, options?: ErrorOptions) {
    super(why, options);
    this.name = "StateDamage";
  }
}

/** Result codes of SQLite (rescode.html). */
const codes = { error: 1, corrupt: 11, notADatabase: 26 };

/** The reason if an error of SQLite means damage; null for others: a full disk, another process, a bug. */
export function damageOf(error: unknown): string | null {
  const code = codeOf(error);
  return code === codes.corrupt || code === codes.notADatabase ? messageOf(error) : null;
}

/** The files that SQLite writes beside a database. */
export const besides = ["-wal", "-shm", "-journal"];

/** @throws StateDamage when the path is not a regular file; opening it could block for ever */
export function assertPlainFiles(path: string): void {
  for (const each of ["", ...besides].map((end) => `${path}${end}`)) {
    const seen = statSync(each, { throwIfNoEntry: false }) ?? lstatSync(each, { throwIfNoEntry: false });
    if (seen !== undefined && !seen.isFile() && !seen.isSymbolicLink())
      throw new StateDamage(`${each} is not a file`);
  }
}

/** The essential tables, for mounts, holds and access. They are small; others are checked when they are read. */
const needed = ["services", "mounts", "tokens", "bad_commits"];

/** @throws StateDamage */
export function assertSound(db: DatabaseSync): void {
  try {
    for (const table of needed) {
      const [first] = db.prepare(`PRAGMA quick_check("${table}")`).all();
      if (first?.quick_check !== "ok") throw new StateDamage(`table ${table}: ${first?.quick_check}`);
    }
  } catch (error) {
    // Such as a missing table.
    if (codeOf(error) === codes.error) throw new StateDamage(messageOf(error), { cause: error });
    throw error;
  }
}

function codeOf(error: unknown): number | null {
  // Extended codes have the primary one in their lowest byte.
  return error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : null;
}
