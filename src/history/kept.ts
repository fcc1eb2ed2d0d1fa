/** What the state file keeps of a service and of its deployments. */
import type { Commit } from "../model/commit.ts";
import type { Deployment, DeploymentResult } from "../model/deployment/deployment.ts";
import type { Phase } from "../model/deployment/phase.ts";
import type { AbsPath } from "../model/path.ts";
import type { ServiceState } from "../model/state.ts";

export interface ServiceRecord {
  readonly service: string;
  /** The applied commit; null before the first deployment. */
  readonly commit: Commit | null;
  /** The store and branch that the commit is from. */
  readonly origin: string;
  /** How far the newest deployment has come that changed the host or is running. */
  readonly phase: Phase;
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

/** The newest deployment of a service. */
export interface LastDeployment extends Pick<KeptDeployment, "id" | "to" | "trigger" | "by"> {
  /** `running`: it is, or the daemon was killed before it ended. */
  readonly result: DeploymentResult | "running";
}

/** An ended deployment in the history. */
export interface KeptDeployment extends Deployment {
  readonly id: number;
  readonly tries: number;
}
