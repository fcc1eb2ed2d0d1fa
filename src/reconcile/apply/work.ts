/** What one deployment has to do. */
import type { Commit } from "../../model/commit.ts";
import type { Trigger } from "../../model/deployment/deployment.ts";
import type { Step } from "../../rollout/plan.ts";

export interface Work {
  readonly to: Commit;
  readonly trigger: Trigger;
  /** The person who requested it; empty: no person did. */
  readonly by: string;
  /** Why that person wanted it; empty where that is not known. */
  readonly reason: string;
  /** What the history has to remember of the way there. */
  readonly note: () => Promise<string>;
  /** What of the host had drifted and is put right; empty for nothing. */
  readonly why: string;
  readonly steps: readonly Step[];
  /** It brings what defines the unit, which is to blame then where systemd does not have or take the unit. */
  readonly definesUnit: boolean;
  /** Answer the steps that are known only when those before them are done. */
  readonly afterwards: readonly (() => Promise<readonly Step[]>)[];
}
