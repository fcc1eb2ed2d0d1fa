/** What has drifted in one service, in the shapes of the API; changes nothing. */
import type { DriftDiffReply } from "../api/drift-diff-shape.ts";
import type { DriftReply } from "../api/shapes.ts";
import type { CheckoutSeen } from "../git/checkout/checkout.ts";
import { showEdits } from "../git/edits/show-edits.ts";
import type { Git } from "../git/git.ts";
import { bindsOf, type MountTable, observeBind } from "../host/mounts/mounts.ts";
import type { ObserveUnit } from "../host/systemd/units.ts";
import type { Service } from "../model/service.ts";
import { showPath } from "../model/text/path-bytes.ts";
import { createLimit } from "../platform/fair-semaphore.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import { floodOf } from "../reconcile/observe/findings.ts";
import type { Records } from "../reconcile/records.ts";
import { renderFlood } from "../rollout/drift.ts";
import type { Files } from "./ports.ts";

const findingsMax = 1_000;

export interface DriftPorts {
  readonly records: Pick<Records, "get">;
  readonly files: Pick<Files, "observe">;
  readonly mountTable: () => MountTable;
  readonly observeUnit: ObserveUnit;
}

/** Observes checkout, mounts and unit again. @throws Problem */
export async function driftOf(
  managed: ManagedService,
  { records, files, mountTable, observeUnit }: DriftPorts,
): Promise<DriftReply> {
  const { service } = managed;
  const [{ checkout: seen, attributes }, unit] = await Promise.all([
    files.observe(managed),
    service.action === null ? null : observeUnit(service.name),
  ]);
  const table = mountTable();
  const { state } = records.get(service.name);
  const edits = seen.is === "present" ? seen.edits : [];
  return {
    drift: "drift" in state ? state.drift : "",
    ...moreThanListed(service, seen),
    edits: edits
      .slice(0, findingsMax)
      .map(({ path, untracked }) => ({ path: showPath(path), kind: untracked ? "untracked" : "changed" })),
    attributes: attributes
      .slice(0, findingsMax)
      .map(({ path, ...how }) => ({ path: showPath(path), ...how })),
    mounts: service.links.flatMap((link) =>
      bindsOf(service, [link]).map((bind) => ({
        local: bind.target,
        link: link.link,
        is: observeBind(bind, table),
      })),
    ),
    unit: unit && { load: unit.load, active: unit.active, file: unit.file },
  };
}

function moreThanListed(service: Service, seen: CheckoutSeen): Pick<DriftReply, "more"> {
  if (seen.is !== "present" || seen.edits.length <= findingsMax) return {};
  const many = seen.flooded ? renderFlood(floodOf(service, seen.edits)) : `${seen.edits.length} local edits`;
  return { more: `${many}; the first ${findingsMax} are listed` };
}

const diffTimeoutMs = 30_000;
/** All of them use one index, and each is held in memory while it is sent. */
const diffing = createLimit(1);

export interface DriftDiffPorts {
  readonly files: Pick<Files, "observeCheckout">;
  readonly git: Git;
  readonly stopping: AbortSignal;
}

/** The local edits of a service's checkout, with their contents. @throws Problem */
export function driftDiffOf(
  managed: ManagedService,
  { files, git, stopping }: DriftDiffPorts,
): Promise<DriftDiffReply> {
  const { service, store } = managed;
  return diffing(async () => {
    const seen = await files.observeCheckout(managed);
    if (seen.is !== "present") return { base: null, diff: "", truncated: false, omitted: [] };
    const where = { store, checkout: service.checkout };
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(diffTimeoutMs)]);
    const { text, truncated, omitted } = await showEdits(
      where,
      { base: seen.head, edits: seen.edits },
      git,
      signal,
    );
    return { base: seen.head, diff: text, truncated, omitted: [...omitted] };
  });
}
