/** The history of a host's deployments in its state file. */
import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { TestHost } from "./host.ts";
import { makeTempDir } from "./temp-dir.ts";

export interface DeploymentRow {
  readonly from: string | null;
  readonly to: string;
  readonly trigger: string;
  /** `running`: it has not ended. */
  readonly result: string;
  readonly reason: string;
}

/** A service's deployments, oldest first. Stop the daemon first, which locks the file. */
export function readDeployments(host: TestHost, service: string): DeploymentRow[] {
  const dir = makeTempDir("state");
  const copy = join(dir, "state.db");
  // SQLite follows the link that host.root is, and would end up on this machine.
  copyFileSync(`${host.root}/var/lib/gitopper/state.db`, copy);
  const db = new DatabaseSync(copy);
  try {
    const columns = '"from", "to", trigger, result, reason';
    const rows = db.prepare(`SELECT ${columns} FROM deployments WHERE service = ? ORDER BY id`).all(service);
    return rows.map((row) => ({
      from: row.from === null ? null : String(row.from),
      to: String(row.to),
      trigger: String(row.trigger),
      result: String(row.result),
      reason: String(row.reason),
    }));
  } finally {
    db.close();
    rmSync(dir, { recursive: true });
  }
}
