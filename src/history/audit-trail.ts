/** The audit trail: who requested which change, and its result. */
import type { StateFile } from "./state-file.ts";

export interface AuditRecord {
  readonly id: number;
  readonly at: Date;
  readonly who: string;
  readonly from: string;
  readonly door: string;
  readonly credential: string;
  /** Method and path. */
  readonly what: string;
  readonly reason: string;
  readonly status: number;
  readonly result: string;
}

/** The limit for accepted requests. */
const recordsKept = 100_000;
/** The limit for refused requests: every reader can cause them, and they must not push out accepted ones. */
const refusedKept = 10_000;

/** Accepted and refused requests only push out their own kind. */
const prune = (kind: "<" | ">=") => `
  DELETE FROM audit WHERE status ${kind} 400 AND id <=
    (SELECT id FROM audit WHERE status ${kind} 400 ORDER BY id DESC LIMIT 1 OFFSET ?)`;

export class AuditTrail {
  readonly #file: StateFile;

  readonly #kept: { readonly done: number; readonly refused: number };

  constructor(file: StateFile, kept = { done: recordsKept, refused: refusedKept }) {
    this.#file = file;
    this.#kept = kept;
  }

  /** Durable when it returns. */
  record(record: Omit<AuditRecord, "id">): void {
    const { at, who, from, door, credential, what, reason, status, result } = record;
    const insert = `
      INSERT INTO audit (at, who, "from", door, credential, what, reason, status, result)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
    this.#file.together(() => {
      this.#file.sql(insert).run(at.getTime(), who, from, door, credential, what, reason, status, result);
      if (status >= 400) this.#file.sql(prune(">=")).run(this.#kept.refused);
      else this.#file.sql(prune("<")).run(this.#kept.done);
    });
  }

  /** Newest first; with an id below `before`, if that is given. Columns have the names and types of fields. */
  list({ before, limit }: { readonly before: number | null; readonly limit: number }): AuditRecord[] {
    return this.#file
      .sql("SELECT * FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?")
      .all(before ?? Number.MAX_SAFE_INTEGER, limit)
      .map((row) => ({ ...(row as unknown as AuditRecord), at: new Date(Number(row.at)) }));
  }
}
