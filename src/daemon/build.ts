/** Builds a daemon for one config: the stages of a reconcile over the real ports of this host. */
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { createMounter } from "../host/mounts/mounter.ts";
import { packageManagers } from "../host/packages.ts";
import { createTrees } from "../host/release/programs.ts";
import { createUnitFilesReload } from "../host/systemd/units.ts";
import type { Service, Settings } from "../model/service.ts";
import { FairSemaphore, type FairSemaphoreSettings } from "../platform/fair-semaphore.ts";
import { createDeploy } from "../reconcile/apply/deploy.ts";
import { FirstDeployment } from "../reconcile/apply/first-deployment.ts";
import { createPlanWork } from "../reconcile/apply/plan-work.ts";
import { createExecute, fileSteps, hostSteps, otherSteps } from "../reconcile/apply/steps.ts";
import { createTakeSteps } from "../reconcile/apply/take-steps.ts";
import { UnderWays } from "../reconcile/apply/under-way.ts";
import { createBringTo } from "../reconcile/bring-to.ts";
import { CheckoutsOnDisk } from "../reconcile/checkout/checkouts.ts";
import { createChecks } from "../reconcile/host/checks.ts";
import { MountsOnHost } from "../reconcile/host/mounts.ts";
import { createPackages } from "../reconcile/host/packages.ts";
import { createProbes } from "../reconcile/host/probes.ts";
import { createUnits } from "../reconcile/host/units.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import { createJudgeUnit } from "../reconcile/observe/judge-unit.ts";
import { createObserve, createObserveLinks } from "../reconcile/observe/observe.ts";
import { createReconcile } from "../reconcile/reconcile.ts";
import { createDecideTarget } from "../reconcile/target/decide-target.ts";
import { createSignatures } from "../reconcile/target/verify-signatures.ts";
import type { Gate } from "../rollout/gates/gate.ts";
import type { Wired } from "./wire.ts";

// Some of them work while others wait for the disk.
const files: FairSemaphoreSettings = { slots: 2 * (availableParallelism() + 1), yieldAfterMs: 2_000 };
// What takes longer waits for something, and keeps no other service waiting: a unit that hangs, a check that sleeps.
const verbs: FairSemaphoreSettings = { slots: 8, yieldAfterMs: 3_000 };
const checks: FairSemaphoreSettings = { slots: availableParallelism(), yieldAfterMs: 2_000 };
const probes: FairSemaphoreSettings = { slots: 8, yieldAfterMs: 2_000 };

/** What the config adds to the parts of the daemon. */
export interface Configured {
  /** All of this host. */
  readonly services: readonly Service[];
  /** Decide whether a new commit may go into a service. */
  readonly gates: readonly Gate[];
  readonly storeMaxBytes: number;
}

/** The gates of a config; their code is loaded only if it has windows. */
export async function gatesOf({
  windows,
  services,
}: Pick<Settings, "windows" | "services">): Promise<readonly Gate[]> {
  if (windows.length === 0) return [];
  const { createWindowGate } = await import("../rollout/gates/window.ts");
  const names = services.map(({ name }) => name);
  return [createWindowGate(windows, names)];
}

/** All parts of a daemon with one config. Only the files that put parts together know it. */
export type Built = ReturnType<typeof build>;

/** Puts the ports of this host, and the stages of a reconcile over them, on the parts of the daemon. */
export function build(wired: Wired, configured: Configured) {
  const { records, clock, log, stopping } = wired;
  const ports = createPorts(wired);
  const { checkouts, mounts, units, packages } = ports;
  const signatures = createSignatures(wired);
  const underWays = new UnderWays(wired);
  const decide = createDecideTarget({ records, signatures, gates: configured.gates, clock });
  const observeLinks = createObserveLinks(mounts, units);
  const observe = createObserve({ records, checkouts, packages, observeLinks, clock });
  const first = new FirstDeployment({ ...wired, mounts, units });
  const execute = createExecuteOf(wired, configured, ports);
  const fileSlots = new FairSemaphore(files);
  const takeSteps = createTakeSteps({ execute, checkouts, fileSlots, log, stopping });
  const deploy = createDeploy({ ...wired, takeSteps, first, underWays });
  const planWork = createPlanWork(units);
  const judgeUnit = createJudgeUnit({ records, units, clock });
  const bringTo = createBringTo({ observe, planWork, deploy, judgeUnit }, { records, stopping });
  const undoFirst = (managed: ManagedService) => first.undo(managed);
  const forget = (service: Service) => {
    checkouts.forget(service.name);
    packages.forget(service);
  };
  const reconcile = createReconcile({ decide, undoFirst, bringTo, forget }, { records, log, stopping });
  return { ...wired, ...configured, ...ports, signatures, underWays, decide, observe, reconcile };
}

function createPorts(wired: Wired) {
  const { exec, records, watch, storeTools: tools, fileWatch, unitMonitor, mounted, mountTable } = wired;
  const mounter = createMounter(exec);
  const manager = packageManagers.find(({ program }) => existsSync(program)) ?? null;
  return {
    checkouts: new CheckoutsOnDisk({ ...wired, tools, files: fileWatch }),
    trees: createTrees(exec),
    mounter,
    mounts: new MountsOnHost({
      ...{ exec, records, mounter, table: mountTable },
      onMounted: (target) => mounted.emit("mounted", target),
    }),
    units: createUnits({
      ...{ exec, observe: watch.observe, monitor: unitMonitor, slots: new FairSemaphore(verbs) },
      reloadFiles: createUnitFilesReload(exec),
    }),
    packages: createPackages(manager, exec),
  };
}

function createExecuteOf(wired: Wired, { services }: Configured, ports: ReturnType<typeof createPorts>) {
  const { exec, git, records, watch, clock, log } = wired;
  const { checkouts, mounts, units, packages } = ports;
  const probesOfHost = createProbes({ exec, watch, clock, slots: new FairSemaphore(probes) });
  const checksOfHost = createChecks({ exec, git, records, services, slots: new FairSemaphore(checks) });
  return createExecute({
    ...fileSteps(checkouts, records),
    ...hostSteps(mounts, units, log),
    ...otherSteps(packages, checksOfHost, checkouts, probesOfHost),
  });
}
