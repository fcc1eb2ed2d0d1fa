/** Bad commits, by the fingerprint of what their services would have got. */
import type { BadCommit } from "../model/bad-commit.ts";
import { readBadCommit } from "./rows.ts";
import type { StateFile } from "./state-file.ts";

const keptOfEach = 100;

export class BadCommits {
  readonly #file: StateFile;

  constructor(file: StateFile) {
    this.#file = file;
  }

  /** Those of a service, by fingerprint. */
  all(service: string): Map<string, BadCommit> {
    const rows = this.#file.sql("SELECT * FROM bad_commits WHERE service = ?").all(service);
    return new Map(rows.map((row) => [String(row.fingerprint), readBadCommit(row)]));
  }

  /** Durable when it returns; keeps the newest hundred of each service. */
  add(service: string, fingerprint: string, { commit, verdict, reason, at }: BadCommit): void {
    const insert = `
      INSERT OR REPLACE INTO bad_commits (service, fingerprint, "commit", verdict, reason, at)
        VALUES (?, ?, ?, ?, ?, ?)`;
    const prune = `
      DELETE FROM bad_commits WHERE service = ? AND rowid NOT IN
        (SELECT rowid FROM bad_commits WHERE service = ? ORDER BY at DESC LIMIT ?)`;
    this.#file.together(() => {
      this.#file.sql(insert).run(service, fingerprint, commit, verdict, reason, at.getTime());
      this.#file.sql(prune).run(service, service, keptOfEach);
    });
  }

  /** Allows them to be deployed again. */
  clear(service: string): void {
    this.#file.sql("DELETE FROM bad_commits WHERE service = ?").run(service);
  }
}
