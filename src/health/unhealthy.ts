/** What makes a verification fail; it becomes a problem where there is a journal to go with it. */
import type { StateReason } from "../model/reason/state-reason.ts";

export class Unhealthy extends Error {
  /** The end of what the failing probe got. */
  readonly output: string;
  /** Whatever the service has read is not to blame. */
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
