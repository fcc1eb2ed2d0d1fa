/** What the loop of an upstream works with: its neighbours, and the core as functions. */
import type { Tips } from "../git/types.ts";
import type { Commit } from "../model/commit.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import type { Reconcile } from "../reconcile/reconcile.ts";
import type { ReconcileRequest } from "../reconcile/reconcile-request.ts";
import type { Records } from "../reconcile/records.ts";
import type { UpstreamView } from "../rollout/target.ts";
import type { Affected } from "./affected.ts";
import type { Group } from "./create-services.ts";
import type { StoreRepair } from "./store/store-repair.ts";
import type { UpstreamPoller } from "./upstream-poller.ts";

export type Several = readonly ManagedService[];

export interface PolledGroup extends Group {
  /** Null while the group's user does not exist. */
  readonly members: Several | null;
  /** The interval of services that have none of their own. */
  readonly everyMs: number;
  /** From 0 to 1: where this host stands among those with the same upstream. */
  readonly jitter: number;
}

type Poller = "known" | "throttled" | "serially" | "poll" | "pollForPeople" | "has";
type Repair =
  | ("members" | "needed" | "kept" | "work")
  | ("alone" | "withRepair" | "maintain" | "wantsPoll" | "pollWithinMs");

export interface LoopPorts {
  readonly poller: Pick<UpstreamPoller, Poller>;
  readonly repair: Pick<StoreRepair, Repair>;
  readonly records: Pick<Records, "get" | "moved">;
  /** Services that are not reconciled for now: a package manager replaces their files, or they are being released. */
  readonly aside: { has(service: string): boolean };
}

export interface LoopWork {
  /** Creates the services of the group; null while its user is missing. */
  readonly resolve: () => Promise<Several | null>;
  readonly reconcile: Reconcile;
  /** Whether a newer commit would be deployed now. */
  readonly wouldDeploy: (
    view: UpstreamView,
    requests: ReadonlyMap<string, ReconcileRequest>,
  ) => (managed: ManagedService, tip: Commit) => Promise<boolean>;
  readonly sortByEffect: (members: Several, tips: Tips) => Promise<Affected>;
  /** Fetches the files of these services in one request. */
  readonly prefetch: (waiting: Several, tips: Tips) => Promise<void>;
}
