/** Why systemctl failed, and whether the host or the unit is at fault. Pure. */
import type { StateReason } from "../../model/reason/state-reason.ts";
import { cannotReload, fullName, renderAdvice } from "../../model/unit-name.ts";

export interface VerbFailure {
  readonly why: string;
  /** systemd did not even try, so nothing of the unit has failed. */
  readonly byHost: boolean;
  readonly code: StateReason;
}

/**
 * From systemctl's output (`LC_ALL=C`), and its most telling line. Only a job that failed in the unit's own processes
 * counts against the files that they have read.
 */
export function explainVerbFailure(unit: string, stderr: string, keyLine: string): VerbFailure {
  const name = fullName(unit);
  const known = remedies.find(({ said }) => said.test(stderr));
  if (known !== undefined) return { why: known.why(name), byHost: true, code: known.code };
  const byHost = !/^Job (?:for .+ )?failed/m.test(stderr) || startLimit.test(stderr);
  return { why: keyLine, byHost, code: "unit-failed" };
}

const startLimit = /start of the service was attempted too often/;

const remedies: readonly {
  readonly said: RegExp;
  readonly why: (unit: string) => string;
  readonly code: StateReason;
}[] = [
  {
    said: /: Unit \S+ is masked\.$/m,
    why: (unit) => `the unit is masked; run "systemctl unmask ${unit}"`,
    code: "unit-missing",
  },
  {
    said: /: Unit \S+ not found\.$/m,
    why: (unit) => `the unit does not exist; install what brings ${unit}, or correct the service's name`,
    code: "unit-missing",
  },
  {
    said: /: Job type reload is not applicable for unit /m,
    why: (unit) => renderAdvice(cannotReload(unit)),
    code: "unit-advice",
  },
];
