/** What happened, told once; log, history, metrics and API only read it. */
import type { Commit } from "./commit.ts";
import type { Deployment } from "./deployment.ts";
import type { Progress } from "./progress.ts";
import type { ServiceState } from "./state.ts";
import type { WebhookResult } from "./webhook.ts";

export type Event =
  | { readonly type: "git-ran"; readonly ok: boolean }
  /** `before` is null for a service that is new. */
  | { readonly type: "state-changed"; readonly status: ServiceStatus; readonly before: ServiceState | null }
  | { readonly type: "deployment-ended"; readonly deployment: Deployment }
  | { readonly type: "service-removed"; readonly service: string }
  /** A step of a deployment begins, or there is news of the service's health. */
  | { readonly type: "progress"; readonly progress: Progress }
  /** The deployment that is under way has come to its end. */
  | { readonly type: "progress-ended"; readonly service: string }
  | { readonly type: "webhook-known"; readonly webhook: string }
  /** `webhook` is `unknown` for one that is not in the config. */
  | { readonly type: "webhook-received"; readonly webhook: string; readonly result: WebhookResult }
  /** Whether a service's unit runs, when that is new. */
  | { readonly type: "unit-seen"; readonly service: string; readonly active: boolean }
  /** `store` is its directory's name. */
  | {
      readonly type: "store-measured";
      readonly store: string;
      readonly bytes: number;
      readonly maxBytes: number;
    }
  /** A credential that is not good was shown at a door. */
  | { readonly type: "login-refused"; readonly door: "socket" | "http" | "https" | "ssh" };

export type Publish = (event: Event) => void;

/** A service as it is now: what is applied, in which state, since when. */
export interface ServiceStatus {
  readonly service: string;
  /** The commit whose files the service has; null before its first deployment. */
  readonly commit: Commit | null;
  readonly state: ServiceState;
  readonly changedAt: Date;
}
