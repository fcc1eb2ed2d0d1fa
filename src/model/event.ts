/** Events: the log, the history, the metrics and the API read them. */
import type { Commit } from "./commit.ts";
import type { Deployment } from "./deployment/deployment.ts";
import type { Progress } from "./deployment/progress.ts";
import type { ServiceState } from "./state.ts";
import type { WebhookResult } from "./webhook.ts";

export type Event =
  | { readonly type: "git-ran"; readonly ok: boolean }
  /** `before` is null for a new service. */
  | { readonly type: "state-changed"; readonly status: ServiceStatus; readonly before: ServiceState | null }
  | { readonly type: "deployment-ended"; readonly deployment: Deployment }
  | { readonly type: "service-removed"; readonly service: string }
  /** A step of a deployment begins, or the service's health has news. */
  | { readonly type: "progress"; readonly progress: Progress }
  /** The running deployment has ended. */
  | { readonly type: "progress-ended"; readonly service: string }
  | { readonly type: "webhook-known"; readonly webhook: string }
  /** `webhook` is `unknown` for one that is not in the config. */
  | { readonly type: "webhook-received"; readonly webhook: string; readonly result: WebhookResult }
  /** Whether a service's unit runs, if that has changed. */
  | { readonly type: "unit-seen"; readonly service: string; readonly active: boolean }
  /** `store` is the name of its directory. */
  | {
      readonly type: "store-measured";
      readonly store: string;
      readonly bytes: number;
      readonly maxBytes: number;
    }
  /** A listener has refused a credential. */
  | { readonly type: "login-refused"; readonly door: "socket" | "http" | "https" | "ssh" };

export type Publish = (event: Event) => void;

/** A service's current status: applied commit, state, and since when. */
export interface ServiceStatus {
  readonly service: string;
  /** The applied commit; null before the first deployment. */
  readonly commit: Commit | null;
  readonly state: ServiceState;
  readonly changedAt: Date;
}
