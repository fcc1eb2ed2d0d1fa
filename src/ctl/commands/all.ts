/** All commands, in the order of the help. */
import type { CommandDefinition } from "../definition.ts";
import { aside, resume } from "./aside.ts";
import { audit } from "./audit.ts";
import { complete, completion } from "./completion.ts";
import { describe } from "./describe.ts";
import { diff } from "./diff.ts";
import { doctor } from "./doctor.ts";
import { drift } from "./drift.ts";
import { events } from "./events.ts";
import { fingerprint } from "./fingerprint.ts";
import { freeze } from "./freeze.ts";
import { listMachines } from "./list-machines.ts";
import { listService, listServices } from "./list-services.ts";
import { log } from "./log.ts";
import { originalVerbs } from "./original-verbs.ts";
import { plan } from "./plan.ts";
import { pull } from "./pull.ts";
import { rollback } from "./rollback.ts";
import { status } from "./status.ts";
import { tokenCommands } from "./token.ts";
import { unfreeze } from "./unfreeze.ts";
import { version } from "./version.ts";
import { watch } from "./watch.ts";

export const commands: readonly CommandDefinition[] = [
  ...[status, describe, log, events, diff, plan, drift, doctor, watch, version],
  ...[pull, freeze, unfreeze, rollback, aside, resume],
  ...[listMachines, listServices, listService, ...originalVerbs],
  ...[...tokenCommands, audit, fingerprint],
  ...[completion, complete],
];
