/** The state file: the SQLite database of one daemon. Writes are durable when a call returns. */
import { closeSync, openSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { duringSync } from "../platform/trace/span.ts";
import { assertPlainFiles, assertSound, damageOf, StateDamage } from "./damage.ts";
import { migrate } from "./schema.ts";
import { SharedWrites, type Write } from "./shared-writes.ts";

/** A statement; each of its calls may find damage. */
export interface Statement {
  readonly run: (...values: SQLInputValue[]) => ReturnType<StatementSync["run"]>;
  readonly get: (...values: SQLInputValue[]) => ReturnType<StatementSync["get"]>;
  readonly all: (...values: SQLInputValue[]) => ReturnType<StatementSync["all"]>;
}

export class StateFile {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, Statement>();
  readonly #shared = new SharedWrites((work) => this.together(work));
  /** True: the file is new. */
  readonly isNew: boolean;
  /** Called when a statement finds damage that was not found at the start. */
  onDamage: (why: string) => void = () => {};

  /**
   * @throws StateDamage
   * @throws Error when another process has the file, it cannot be written, or a newer gitopper wrote it
   */
  constructor(path: string) {
    assertPlainFiles(path);
    // Readable only for root. SQLite gives its other files the same mode.
    closeSync(openSync(path, "a", 0o600));
    this.#db = new DatabaseSync(path, { timeout: 1_000 });
    try {
      // Exclusive: refuses a second daemon on the same state directory. FULL: durable before it is acknowledged.
      this.#db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
      this.isNew = this.together(() => migrate(this.#db)) === 0;
      assertSound(this.#db);
    } catch (error) {
      this.#db.close();
      const why = damageOf(error);
      throw why === null ? error : new StateDamage(why, { cause: error });
    }
  }

  close(): void {
    this.#db.close();
  }

  /** Compiles each statement once. */
  sql(text: string): Statement {
    const statement = this.#statements.get(text) ?? this.#listen(this.#db.prepare(text));
    this.#statements.set(text, statement);
    return statement;
  }

  #listen(statement: StatementSync): Statement {
    const watched = <T>(call: () => T): T => {
      try {
        return call();
      } catch (error) {
        const why = damageOf(error);
        if (why !== null) this.onDamage(why);
        throw error;
      }
    };
    return {
      run: (...values: SQLInputValue[]) => watched(() => statement.run(...values)),
      get: (...values: SQLInputValue[]) => watched(() => statement.get(...values)),
      all: (...values: SQLInputValue[]) => watched(() => statement.all(...values)),
    };
  }

  /** Commits everything that `work` writes, or nothing; a nested call is part of the outer one. */
  together<T>(work: () => T): T {
    if (this.#db.isTransaction) return work();
    return duringSync({ name: "write records" }, () => this.#transact(work));
  }

  /** As `together`, in one transaction with all others that come in the same turn of the event loop. */
  soon<T>(write: Write<T>): Promise<T> {
    return this.#shared.add(write);
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
      // The original error says more.
    }
  }
}
