/** Parses the settings that a service may take over from [global]. */
import type { Service } from "../../model/service.ts";
import type { Findings, Path } from "../errors/finding.ts";
import type { GlobalFile } from "../file.ts";
import { readDrift } from "./drift.ts";
import { createFields } from "./fields.ts";
import { readSettling } from "./health.ts";
import { spanWithin } from "./spans.ts";
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

/** The settings of a table, with the fallback for missing ones. */
export function readCare(
  file: Omit<GlobalFile, "upstream" | "branch" | "mount" | "keys" | "store_limit">,
  fallback: Inheritable,
  at: Path,
  findings: Findings,
): Inheritable {
  const fields = createFields(file, at, findings);
  return {
    intervalMs: fields.optional("interval", interval) ?? fallback.intervalMs,
    fastForwardOnly: file.fast_forward_only ?? fallback.fastForwardOnly,
    health: readSettling(file, { at, fallback: fallback.health, findings }),
    readOnly: file.read_only ?? fallback.readOnly,
    drift: readDrift(file, fallback.drift, at, findings),
    verify: readVerify(file.verify, fallback.verify, at, findings),
  };
}
