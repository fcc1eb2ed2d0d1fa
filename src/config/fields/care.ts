/** Parses the settings that a service may take over from [global]. */
import type { Service } from "../../model/service.ts";
import type { GlobalFile } from "../file.ts";
import { readDrift } from "./drift.ts";
import { spanWithin } from "./spans.ts";
import type { Table } from "./table.ts";
import { oneOf } from "./values/parsed.ts";
import { readVerify } from "./verify.ts";

/** The settings that a service takes over from [global]. */
export type Inheritable = Pick<
  Service,
  "intervalMs" | "fastForwardOnly" | "health" | "readOnly" | "drift" | "verify"
>;

const interval = spanWithin(
  1_000,
  7 * 24 * 3_600_000,
  'give how often to look for new commits, such as "5m"',
);

const settle = spanWithin(0, 3_600_000, 'give how long a unit has to stay well, such as "10s"');

/** The settings of a table, with the fallback for missing ones. */
export function readCare(
  table: Table<Omit<GlobalFile, "upstream" | "branch" | "mount" | "keys" | "store_limit">>,
  fallback: Inheritable,
): Inheritable {
  const { file } = table;
  return {
    intervalMs: table.optional("interval", interval) ?? fallback.intervalMs,
    fastForwardOnly: file.fast_forward_only ?? fallback.fastForwardOnly,
    health: {
      settleMs: table.optional("settle", settle) ?? fallback.health.settleMs,
      onFailure: table.optional("on_failure", parseOnFailure) ?? fallback.health.onFailure,
      probes: fallback.health.probes,
    },
    readOnly: file.read_only ?? fallback.readOnly,
    drift: readDrift(table, fallback.drift),
    verify: readVerify(table, fallback.verify),
  };
}

const parseOnFailure = oneOf(
  ["rollback", "stay"],
  (text) => `${text} is not what can be done; use "rollback" or "stay"`,
);
