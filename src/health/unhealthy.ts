/** Why a verification fails, before the unit's journal is added. */
import type { StateReason } from "../model/reason/state-reason.ts";

interface About {
  /** The end of the failing probe's answer. */
  readonly output?: string;
  /** True: the files that the service has read are not at fault. */
  readonly byHost?: boolean;
  readonly code: StateReason;
}

export class Unhealthy extends Error {
  readonly about: About;
  constructor(reason: string, about: About) {
    super(reason);
    this.name = "Unhealthy";
    this.about = about;
  }
}
