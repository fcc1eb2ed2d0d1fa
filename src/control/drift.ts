/** What has drifted in one service, in the shapes of the API; changes nothing. */
import type { DriftDiffReply, DriftReply } from "../api/shapes.ts";
import type { CheckoutSeen } from "../git/checkout/checkout.ts";
import { savedEdits } from "../git/edits/edits.ts";
import { showEdits } from "../git/edits/show-edits.ts";
import { bindsOf, type MountTable, observeBind } from "../host/mounts/mounts.ts";
import type { ObserveUnit } from "../host/systemd/units.ts";
import type { AbsPath } from "../model/path.ts";
import type { Service } from "../model/service.ts";
import { isReleased } from "../model/state.ts";
import { showPath } from "../model/text/path-bytes.ts";
import { createLimit } from "../platform/fair-semaphore.ts";
import { patchesDir } from "../platform/files/state-paths.ts";
import { observeAttributes, observeNow } from "../reconcile/checkout/observe-checkout.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import { floodOf } from "../reconcile/observe/findings.ts";
import type { FilesSeen } from "../reconcile/ports.ts";
import type { Records } from "../reconcile/records.ts";
import { renderFlood } from "../rollout/drift.ts";

const findingsMax = 1_000;

type CheckoutPorts = Parameters<typeof observeNow>[1] & Parameters<typeof observeAttributes>[1];

export interface DriftPorts extends CheckoutPorts {
  readonly records: Pick<Records, "get">;
  readonly mountTable: () => MountTable;
  readonly observeUnit: ObserveUnit;
  readonly stopping: AbortSignal;
  readonly stateDir: AbsPath;
}

/** Observes checkout, mounts and unit again. @throws Problem */
export async function driftOf(managed: ManagedService, ports: DriftPorts): Promise<DriftReply> {
  const { records, mountTable, observeUnit } = ports;
  const { service } = managed;
  if (isReleased(records.get(service.name).state)) return noDrift;
  const [{ checkout: seen, attributes }, unit] = await Promise.all([
    observeFiles(managed, ports),
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
    saved: savedEdits(patchesDir(ports.stateDir, service.name)),
  };
}

const noDrift: DriftReply = { drift: "", edits: [], attributes: [], mounts: [], unit: null };

/** The checkout as it is, without what an earlier reconcile remembers of it. */
async function observeFiles(managed: ManagedService, ports: CheckoutPorts): Promise<FilesSeen> {
  const checkout = await observeNow(managed, ports);
  return { checkout, attributes: checkout.is === "present" ? await observeAttributes(managed, ports) : [] };
}

function moreThanListed(service: Service, seen: CheckoutSeen): Pick<DriftReply, "more"> {
  if (seen.is !== "present" || seen.edits.length <= findingsMax) return {};
  const many = seen.flooded ? renderFlood(floodOf(service, seen.edits)) : `${seen.edits.length} local edits`;
  return { more: `${many}; the first ${findingsMax} are listed` };
}

const diffTimeoutMs = 30_000;
/** All of them use one index, and each is held in memory while it is sent. */
const diffing = createLimit(1);

/** The local edits of a service's checkout, with their contents. @throws Problem */
export function driftDiffOf(managed: ManagedService, ports: DriftPorts): Promise<DriftDiffReply> {
  const { service, store } = managed;
  return diffing(async () => {
    const seen = await observeNow(managed, ports);
    if (seen.is !== "present") return { base: null, diff: "", truncated: false, omitted: [] };
    const where = { store, checkout: service.checkout };
    const signal = AbortSignal.any([ports.stopping, AbortSignal.timeout(diffTimeoutMs)]);
    const edited = { base: seen.head, edits: seen.edits };
    const { text, truncated, omitted } = await showEdits(where, edited, ports.tools.git, signal);
    return { base: seen.head, diff: text, truncated, omitted: [...omitted] };
  });
}
