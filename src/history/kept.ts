/** What the state file keeps of a service and of its deployments. */
import type { Deployment, DeploymentResult } from "../model/deployment/deployment.ts";
import type { Phase } from "../model/deployment/phase.ts";
import type { ServiceStatus } from "../model/event.ts";
import type { AbsPath } from "../model/path.ts";

export interface ServiceRecord extends ServiceStatus {
  /** The store and branch that the commit is from. */
  readonly origin: string;
  /** How far the newest deployment has come that changed the host or is running. */
  readonly phase: Phase;
  /** JSON of the links of the sparse checkout; empty before the first time. */
  readonly links: string;
  readonly checkout: AbsPath;
  readonly store: AbsPath;
  readonly user: string;
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
