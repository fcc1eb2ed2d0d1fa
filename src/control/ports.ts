/** What the API uses of the core: its answers about targets and about what is on the host. */
import type { CheckoutSeen } from "../git/checkout/checkout.ts";
import type { Commit } from "../model/commit.ts";
import type { Waiting } from "../model/state.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import type { Observation } from "../reconcile/observe/observe.ts";
import type { FilesSeen } from "../reconcile/ports.ts";
import type { ReconcileRequest } from "../reconcile/reconcile-request.ts";
import type { Decision } from "../reconcile/target/decide-target.ts";
import type { UpstreamView } from "../rollout/target.ts";

/** Which commit a service gets. Each of them throws a Problem. */
export interface Targets {
  /** What a reconcile would choose. */
  decide(
    managed: ManagedService,
    view: UpstreamView,
    how: Pick<ReconcileRequest, "overrideWindow">,
  ): Promise<Decision>;
  /** The commit that a full or short id names. */
  find(managed: ManagedService, prefix: string): Promise<Commit>;
  /** @throws Refusal when the service wants signed commits, and this one is not */
  verify(managed: ManagedService, commit: Commit): Promise<void>;
  /** What the commit would have to wait for; null: nothing. */
  gatesFor(managed: ManagedService, commit: Commit): Promise<Waiting | null>;
}

/** Compares the host with a commit. @throws Problem */
export type Observe = (managed: ManagedService, target: Commit) => Promise<Observation>;

/** Observes a checkout as it is, without what an earlier reconcile remembers of it. */
export interface Files {
  observe(managed: ManagedService): Promise<FilesSeen>;
  /** Without modes and groups. */
  observeCheckout(managed: ManagedService): Promise<CheckoutSeen>;
}
