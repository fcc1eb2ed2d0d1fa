/** What the state file keeps of a service and of its deployments. */
import type { Commit } from "../model/commit.ts";
import type { Deployment, DeploymentResult, FailedAt, Trigger } from "../model/deployment.ts";
import type { AbsPath } from "../model/path.ts";
import type { ServiceState } from "../model/state.ts";

export interface ServiceRecord {
  readonly service: string;
  /** Last applied; null before the first deployment. */
  readonly commit: Commit | null;
  /** The store and branch that the commit is from. */
  readonly origin: string;
  /** What the checkout has as a whole; null while it is changed, and before the first time. */
  readonly head: Commit | null;
  /** JSON of the links that the checkout was narrowed to; empty before the first time. */
  readonly links: string;
  readonly checkout: AbsPath;
  readonly store: AbsPath;
  readonly user: string;
  readonly state: ServiceState;
  readonly changedAt: Date;
  /** Its unit was enabled when it was last deployed, or since. */
  readonly enabled: boolean;
}

/** The newest deployment of a service. Without a result it is under way or, at a start, was cut off. */
export interface LastDeployment {
  readonly id: number;
  readonly to: Commit;
  readonly trigger: Trigger;
  readonly by: string;
  readonly result: DeploymentResult | null;
  readonly failedAt: FailedAt | null;
}

/** An ended deployment, as the history has it. */
export interface KeptDeployment extends Deployment {
  readonly id: number;
  readonly tries: number;
}
