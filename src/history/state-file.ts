/** The state file: one SQLite database of one daemon. What a call has written is durable when it returns. */
import { closeSync, openSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { duringSync } from "../platform/span.ts";
import { migrate } from "./schema.ts";

export class StateFile {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** @throws Error when another process has the file, it is damaged, or a newer gitopper wrote it */
  constructor(path: string) {
    // For root's eyes. SQLite gives its other files the same mode.
    closeSync(openSync(path, "a", 0o600));
    this.#db = new DatabaseSync(path, { timeout: 1_000 });
    try {
      // Exclusive: a second daemon on the same state directory is refused. FULL: durable before it is acknowledged.
      this.#db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
      this.together(() => migrate(this.#db));
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  close(): void {
    this.#db.close();
  }

  /** A statement is compiled once. */
  sql(text: string): StatementSync {
    const statement = this.#statements.get(text) ?? this.#db.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }

  /** Makes all that `work` writes durable at once, or nothing of it; inside another such call it is part of that. */
  together<T>(work: () => T): T {
    if (this.#db.isTransaction) return work();
    return duringSync({ name: "write records" }, () => this.#transact(work));
  }

  #transact<T>(work: () => T): T {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#db.exec("COMMIT");
      return result;
    } catch (error) {
      this.#rollback();
      throw error;
    }
  }

  #rollback(): void {
    try {
      // SQLite has rolled back by itself after some errors, such as a full disk (lang_transaction.html).
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
    } catch {
      // The error that led here tells more.
    }
  }
}
