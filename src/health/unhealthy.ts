/** Why a verification fails, before the unit's journal is added. */
import type { StateReason } from "../model/reason/state-reason.ts";

export class Unhealthy extends Error {
  /** The end of the failing probe's answer. */
  readonly output: string;
  /** True: the files that the service has read are not at fault. */
  readonly byHost: boolean;
  readonly code: StateReason;
  constructor(
    reason: string,
    { output = "", byHost = false, code }: { output?: string; byHost?: boolean; code: StateReason },
  ) {
    super(reason);
    this.name = "Unhealthy";
    this.output = output;
    this.byHost = byHost;
    this.code = code;
  }
}
