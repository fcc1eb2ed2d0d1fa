/** What the state file keeps of a service and of its deployments. */
import type { Commit } from "../model/commit.ts";
import type { Deployment, DeploymentResult, FailedAt, Trigger } from "../model/deployment.ts";
import type { AbsPath } from "../model/path.ts";
import type { ServiceState } from "../model/state.ts";

export interface ServiceRecord {
  readonly service: string;
  /** The applied commit; null before the first deployment. */
  readonly commit: Commit | null;
  /** The store and branch that the commit is from. */
  readonly origin: string;
  /** The commit that the checkout has completely; null while it changes, and before the first time. */
  readonly head: Commit | null;
  /** JSON of the links of the sparse checkout; empty before the first time. */
  readonly links: string;
  readonly checkout: AbsPath;
  readonly store: AbsPath;
  readonly user: string;
  readonly state: ServiceState;
  readonly changedAt: Date;
  /** Its unit was enabled when it was last deployed, or later. */
  readonly enabled: boolean;
}

/** The newest deployment of a service. Without a result it is running, or was interrupted before this start. */
export interface LastDeployment {
  readonly id: number;
  readonly to: Commit;
  readonly trigger: Trigger;
  readonly by: string;
  readonly result: DeploymentResult | null;
  readonly failedAt: FailedAt | null;
}

/** An ended deployment in the history. */
export interface KeptDeployment extends Deployment {
  readonly id: number;
  readonly tries: number;
}
