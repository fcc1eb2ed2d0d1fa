/** Puts parts together: gives the API and the start the few ports that each function of them uses. */
import { existsSync } from "node:fs";
import type { Host } from "../api/host.ts";
import {
  createAsides,
  createChanges,
  createDetails,
  createDrifts,
  createHistory,
  createOverview,
  createPreviews,
  type HostFacts,
  type StatusOf,
} from "../control/api-host.ts";
import type { DetailsPorts } from "../control/details.ts";
import { createDoctor, type Examine } from "../control/doctor/doctor.ts";
import { type AccessSettings, checkAccess } from "../control/doctor/doctor-access.ts";
import { checkHost } from "../control/doctor/doctor-host.ts";
import { checkMounts } from "../control/doctor/doctor-mounts.ts";
import { checkServices } from "../control/doctor/doctor-services.ts";
import { checkUpstreams } from "../control/doctor/doctor-upstreams.ts";
import { createEvents } from "../control/events.ts";
import { ServiceFinder } from "../control/find-services.ts";
import type { Files, Observe, Targets } from "../control/ports.ts";
import { createAudit, createTokens } from "../control/tokens.ts";
import { observeCheckout } from "../git/checkout/checkout.ts";
import { placePointer, pointerPlace } from "../git/store/pointer.ts";
import { unmountOurs } from "../host/mounts/apply-mounts.ts";
import { bindsOf, observeBind, readMountTable } from "../host/mounts/mounts.ts";
import { unitLog } from "../host/systemd/unit-log.ts";
import type { Account } from "../model/account.ts";
import type { AbsPath } from "../model/path.ts";
import type { Service, Settings } from "../model/service.ts";
import { storesDir } from "../platform/files/state-paths.ts";
import { unmountAll } from "../reconcile/apply/orphan-mounts.ts";
import { putMount } from "../reconcile/apply/put-mount.ts";
import type { Context } from "../reconcile/context.ts";
import { linksOf } from "../reconcile/links.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import { observe } from "../reconcile/observe/observe.ts";
import { observeAttributes } from "../reconcile/observe/observe-files.ts";
import { decideTarget } from "../reconcile/target/decide-target.ts";
import { findCommit } from "../reconcile/target/find-commit.ts";
import { knownBad } from "../reconcile/target/known-bad.ts";
import { verifySignature } from "../reconcile/target/verify-signatures.ts";
import { waitForGates } from "../reconcile/target/wait-for-gates.ts";
import { tlsFaults } from "../server/tls/tls-faults.ts";
import { createServices, type Group } from "../sync/create-services.ts";
import type { UpstreamLoop } from "../sync/upstream-loop.ts";
import { stuckReason } from "../wake/drift-scan.ts";
import type { AdoptPorts } from "./adopt.ts";
import { createLoop } from "./create-loop.ts";
import type { UnmountPorts } from "./departed.ts";
import type { Disk, MountPorts, OrphanPorts } from "./mount-from-disk.ts";
import type { SelfPorts } from "./self.ts";
import type { Wired } from "./wire.ts";

export function createTargets(context: Context): Targets {
  return {
    decide: (managed, view, how) => decideTarget(managed, view, context, how),
    find: (managed, prefix) => findCommit(managed, prefix, context),
    verify: (managed, commit) => verifySignature(managed, commit, context),
    gatesFor: (managed, commit) => waitForGates(managed, commit, context),
  };
}

function createFiles(context: Pick<Context, "git" | "stateDir" | "findGroup">): Files {
  const where = { storesDir: storesDir(context.stateDir) };
  const seen = ({ store, service }: ManagedService) =>
    observeCheckout({ store, checkout: service.checkout }, context.git, where);
  return {
    observeCheckout: seen,
    observe: async (managed) => {
      const checkout = await seen(managed);
      const attributes = checkout.is === "present" ? await observeAttributes(managed, context) : [];
      return { checkout, attributes };
    },
  };
}

/** The services and the loop of one upstream. */
export function createLoops(context: Context) {
  return {
    createServices: (group: Group, account: Account) => createServices(group, account, context),
    createLoop: (group: Group, members: readonly ManagedService[] | null, everyMs: number) =>
      createLoop(group, members, everyMs, context),
  } satisfies Pick<SelfPorts, "createServices" | "createLoop">;
}

/** Of the start, before the loops run. */
export function bootPorts(context: Context): AdoptPorts & MountPorts & OrphanPorts & UnmountPorts {
  const { records, clock, log } = context;
  const { observeCheckout } = createFiles(context);
  return {
    ...{ records, clock, log, observeCheckout },
    disk: createDisk(context.stateDir),
    unmount: (place, targets) => unmountAll(place, targets, context),
    put: (bind, managed) => putMount(bind, managed, context),
    markPendingReload: (managed) => {
      managed.pendingReload = true;
    },
  };
}

function createDisk(stateDir: AbsPath): Disk {
  return {
    placePointer: (service) =>
      placePointer(service.checkout, pointerPlace(linksOf(service)), storesDir(stateDir)),
    readTable: readMountTable,
    unmounted: (service, table) =>
      bindsOf(service).filter((bind) => existsSync(bind.source) && observeBind(bind, table) !== "mounted"),
  };
}

interface Configured {
  readonly settings: AccessSettings & Pick<Settings, "machines">;
  /** The names that the host answers to since the start. */
  readonly names: readonly string[];
  /** Gitopper's own service, when it is bootstrapped. */
  readonly self: Service | null;
}

/** What answers the API. `fingerprint` is called when the listeners are open. */
export function composeHost(
  wired: Wired,
  loops: readonly UpstreamLoop[],
  { settings, names, self }: Configured,
): (fingerprint: HostFacts["fingerprint"]) => Host {
  const { startedAt } = wired;
  const { clock, log, records } = wired.context;
  const find = new ServiceFinder(loops);
  const machines = [...new Set([...settings.machines, ...(self ? [self.machine] : [])])];
  const statusOf: StatusOf = (name) => {
    const progress = find.managedNow(name)?.underWay?.progress ?? null;
    return { ...records.status(name), progress };
  };
  const answers = {
    ...composeChanges(find, wired),
    ...composeReads(find, statusOf, wired.context),
    ...createDoctor(composeChecks(loops, { names, settings }, wired.context), clock),
    ...createEvents(wired.eventLog, clock),
    tokens: createTokens(wired.tokenFile, clock),
    audit: createAudit(wired.auditTrail, clock, log),
  };
  const facts = { machines, names, startedAt, stuckReason: () => stuckReason(loops) };
  const ports = { statusOf, clock };
  return (fingerprint) => ({ ...answers, ...createOverview(find, { ...facts, fingerprint }, ports) });
}

function composeChanges(find: ServiceFinder, { context, aside }: Pick<Wired, "context" | "aside">) {
  const { records, gates, clock, log, stopping } = context;
  const unmount = async (service: Service, targets: readonly AbsPath[]) => {
    const ours = { checkout: service.checkout, sources: records.sources(service.name) };
    for (const target of targets) await context.mounting(() => unmountOurs(ours, target, context.mounter));
  };
  return {
    ...createChanges(find, { records, gates, clock, targets: createTargets(context) }),
    ...createAsides(find, { aside, unmount, clock, log, stopping }),
  };
}

/** Reads run git at the background's pace. */
function composeReads(find: ServiceFinder, statusOf: StatusOf, { readOnlyGit: git, ...rest }: Context) {
  const context = { ...rest, readOnlyGit: git, git };
  const { records, clock, units, aside, observeUnit, mountTable, stopping, exec } = context;
  const [targets, files] = [createTargets(context), createFiles(context)];
  const bad: DetailsPorts["knownBad"] = (managed, commit) => knownBad(managed, commit, { records });
  const observeOnce: Observe = (managed, target) => observe(managed, target, context);
  const readUnitLog = (unit: string, lines: number) => unitLog(unit, lines, exec);
  const range = { records, targets, git, stopping };
  return {
    ...createDetails(find, { statusOf, units, aside, knownBad: bad, clock }),
    ...createDrifts(find, { records, files, mountTable, observeUnit }, { files, git, stopping }),
    ...createHistory(find, { records, git, readUnitLog }),
    ...createPreviews(find, range, { targets, observe: observeOnce, observeUnit }),
  };
}

/** The checks of doctor, in the order of its answer. */
export function composeChecks(
  loops: readonly UpstreamLoop[],
  { names, settings }: { readonly names: readonly string[]; readonly settings: AccessSettings },
  context: Context,
): readonly Examine[] {
  const {
    exec,
    stateDir,
    records,
    mountTable,
    aside,
    observeUnit,
    readOnlyGit: git,
    storeMaxBytes,
  } = context;
  return [
    () => checkHost(loops, names, { exec, stateDir }),
    () => checkMounts(loops, { records, mountTable, aside }),
    () => checkServices(loops, { records, observeUnit }),
    () => checkAccess(settings, tlsFaults),
    () => checkUpstreams(loops, { git, exec, storeMaxBytes }),
  ];
}
