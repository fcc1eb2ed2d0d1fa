/** Power for a daemon, which may be cut at any effect, and a state file that is written only while it is there. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { StateFile, type Statement } from "../../src/history/state-file.ts";
import { Problem } from "../../src/model/problem.ts";

/** Thrown by everything that a daemon without power does. */
class PowerCut extends Problem {}

export class Power {
  #left = Number.POSITIVE_INFINITY;
  #isCut = false;
  /** The names of all effects so far. */
  readonly spent: string[] = [];

  get isCut(): boolean {
    return this.#isCut;
  }

  /** Lets so many effects happen from now on. */
  cutAfter(effects: number): void {
    this.#left = effects;
  }

  restore(): void {
    this.#left = Number.POSITIVE_INFINITY;
    this.#isCut = false;
  }

  /** To be called before an effect. @throws PowerCut */
  spend(effect: string): void {
    this.#isCut ||= this.#left === 0;
    if (this.#isCut) throw new PowerCut("host", "the daemon was killed");
    this.#left -= 1;
    this.spent.push(effect);
  }
}

const tables = ["services", "deployments", "mounts", "bad_commits", "host_before"];

/** A transaction is one effect; so is a statement outside of one. */
export class MortalStateFile extends StateFile {
  /** Null while the tables are made. */
  #power: Power | null = null;
  #depth = 0;

  /** Empties it for the next host. */
  begin(power: Power): void {
    this.#power = null;
    for (const table of tables) super.sql(`DELETE FROM ${table}`).run();
    this.#power = power;
  }

  override sql(text: string): Statement {
    const statement = super.sql(text);
    if (this.#depth > 0 || text.startsWith("SELECT")) return statement;
    return {
      ...statement,
      run: (...values) => {
        this.#power?.spend("write");
        return statement.run(...values);
      },
    };
  }

  override together<T>(work: () => T): T {
    // The constructor makes the tables before this class has its fields.
    if (!(#power in this) || this.#depth > 0) return super.together(work);
    this.#power?.spend("write");
    this.#depth += 1;
    try {
      return super.together(work);
    } finally {
      this.#depth -= 1;
    }
  }
}

let shared: MortalStateFile | null = null;

/** One for all hosts of a test file, without waiting for a disk. */
export function sharedStateFile(): MortalStateFile {
  shared ??= openStateFile();
  return shared;
}

function openStateFile(): MortalStateFile {
  const folder = mkdtempSync(join(tmpdir(), "gitopper-mortal-"));
  const file = new MortalStateFile(join(folder, "state.db"));
  file.sql("PRAGMA synchronous = OFF").run();
  afterAll(() => {
    file.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return file;
}
