/** What the API asks of the core about the commits of a service. */

import type { Commit } from "../model/commit.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import type { DecideTarget } from "../reconcile/target/decide-target.ts";
import { findCommit } from "../reconcile/target/find-commit.ts";
import type { Signatures } from "../reconcile/target/verify-signatures.ts";
import { waitForGates } from "../reconcile/target/wait-for-gates.ts";

type FindPorts = Parameters<typeof findCommit>[2];
type GatePorts = Parameters<typeof waitForGates>[2];

export type Targets = ReturnType<typeof createTargets>;

/** Which commit a service gets. Each of them throws a Problem. */
export function createTargets(
  ports: FindPorts & GatePorts & { readonly decide: DecideTarget; readonly signatures: Signatures },
) {
  return {
    /** What a reconcile would choose. */
    decide: ports.decide,
    /** The commit that a full or short id names. */
    find: (managed: ManagedService, prefix: string) => findCommit(managed, prefix, ports),
    /** @throws Refusal when the service wants signed commits, and this one is not */
    verify: ports.signatures.verifyCommit,
    /** What the commit would have to wait for; null: nothing. */
    gatesFor: (managed: ManagedService, commit: Commit) => waitForGates(managed, commit, ports),
  };
}
