/** All commands, in the order of the help. */
import type { Command } from "../cli/definition.ts";
import { adopt } from "./change/adopt.ts";
import { aside, resume } from "./change/aside.ts";
import { freeze } from "./change/freeze.ts";
import { pull } from "./change/pull.ts";
import { release } from "./change/release.ts";
import { rollback } from "./change/rollback.ts";
import { unfreeze } from "./change/unfreeze.ts";
import { audit } from "./host/audit.ts";
import { completion } from "./host/completion.ts";
import { doctor } from "./host/doctor.ts";
import { fingerprint } from "./host/fingerprint.ts";
import { tokenCommands } from "./host/token.ts";
import { version } from "./host/version.ts";
import { originals } from "./original.ts";
import { describe } from "./show/describe.ts";
import { diff } from "./show/diff.ts";
import { drift } from "./show/drift.ts";
import { events } from "./show/events.ts";
import { log } from "./show/log.ts";
import { plan } from "./show/plan.ts";
import { status } from "./show/status.ts";
import { watch } from "./show/watch.ts";

export const commands: readonly Command[] = [
  ...[status, describe, log, events, diff, plan, drift, doctor, watch, version],
  ...[pull, freeze, unfreeze, rollback, aside, resume, release, adopt],
  ...[...originals, ...tokenCommands, audit, fingerprint, completion],
];
