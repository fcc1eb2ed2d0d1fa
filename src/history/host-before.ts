/** What the host was like before a service's first deployment, until that has succeeded. */
import { type AbsPath, parseAbsPath } from "../model/path.ts";
import type { StateFile } from "./state-file.ts";

/** A mount point that did not exist: `top` is the outermost directory that was made for it, or the mount point itself. */
export interface Made {
  readonly target: AbsPath;
  readonly top: AbsPath;
}

export interface HostBefore {
  /** The service's unit was active. */
  readonly ran: boolean;
  readonly disabled: boolean;
  readonly made: readonly Made[];
}

export class HostsBefore {
  readonly #file: StateFile;

  constructor(file: StateFile) {
    this.#file = file;
  }

  get(service: string): HostBefore | null {
    const row = this.#file.sql("SELECT * FROM host_before WHERE service = ?").get(service);
    if (row === undefined) return null;
    return { ran: row.ran === 1, disabled: row.disabled === 1, made: readMade(String(row.made)) };
  }

  /** Durable when it returns. */
  remember(service: string, { ran, disabled, made }: HostBefore): void {
    this.#file.together(() => {
      this.#file
        .sql("INSERT OR REPLACE INTO host_before (service, ran, disabled, made) VALUES (?, ?, ?, ?)")
        .run(service, Number(ran), Number(disabled), JSON.stringify(made));
    });
  }

  forget(service: string): void {
    this.#file.sql("DELETE FROM host_before WHERE service = ?").run(service);
  }
}

function readMade(text: string): Made[] {
  const rows = JSON.parse(text) as readonly Record<keyof Made, unknown>[];
  return rows.flatMap((row) => {
    const [target, top] = [parseAbsPath(String(row.target)), parseAbsPath(String(row.top))];
    return target === null || top === null ? [] : [{ target, top }];
  });
}
