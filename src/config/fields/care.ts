/** Parses the settings that a service may take over from [global]. */
import type { Drift, Service, Verify } from "../../model/service.ts";
import type { GlobalFile } from "../file.ts";
import { spanWithin } from "./spans.ts";
import type { Table } from "./table.ts";
import { accept, oneOf } from "./values/parsed.ts";

/** The settings that a service takes over from [global]. */
export type Inheritable = Pick<
  Service,
  "intervalMs" | "fastForwardOnly" | "health" | "readOnly" | "drift" | "verify"
>;

type CareTable = Table<Omit<GlobalFile, "upstream" | "branch" | "mount" | "keys" | "store_limit">>;

const interval = spanWithin(
  1_000,
  7 * 24 * 3_600_000,
  'give how often to look for new commits, such as "5m"',
);

const settle = spanWithin(0, 3_600_000, 'give how long a unit has to stay well, such as "10s"');

/** The settings of a table, with the fallback for missing ones. */
export function readCare(table: CareTable, fallback: Inheritable): Inheritable {
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

const healsMax = 3_600;

function readDrift(table: CareTable, fallback: Drift): Drift {
  const mode = table.optional("drift", parseDriftMode) ?? fallback.mode;
  const healsPerHour = table.file.heals_per_hour ?? fallback.healsPerHour;
  if (healsPerHour < 1 || healsPerHour > healsMax)
    table.report("heals_per_hour", `${healsPerHour} is not from 1 to ${healsMax}; use one such as 6`);
  return { mode, healsPerHour };
}

const parseDriftMode = oneOf(
  ["report", "heal"],
  (text) => `${text} is not what can be done about drift; use "report" or "heal"`,
);

const modes = 'use "head" (the commit to deploy), "all" (every new commit), or "off"';

/** The signatures that commits need: the table's settings as a whole; without one, the fallback. */
function readVerify(outer: CareTable, fallback: Verify | null): Verify | null {
  if (outer.file.verify === undefined) return fallback;
  const verify = outer.inner("verify");
  const mode = verify.required("mode", parseVerifyMode, modes);
  const allowedSigners = verify.optional("allowed_signers", accept);
  const gpgKeyring = verify.optional("gpg_keyring", accept);
  if (mode === null || mode === "off") return null;
  const noKeys = 'names no keys; add allowed_signers = "allowed_signers", or gpg_keyring = "keys.gpg"';
  if (allowedSigners === null && gpgKeyring === null) outer.report("verify", noKeys);
  return { mode, allowedSigners, gpgKeyring };
}

const parseVerifyMode = oneOf(["head", "all", "off"], (text) => `${text} is not a mode; ${modes}`);
