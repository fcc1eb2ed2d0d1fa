/** Puts the answers of the API together: gives each function of them the few ports that it uses. */
import type { Host, SeenService } from "../api/host.ts";
import {
  createAsides,
  createChanges,
  createEvents,
  createOverview,
  createReads,
  createReleases,
  type HostFacts,
} from "../control/api-host.ts";
import type { DetailsPorts } from "../control/details.ts";
import { createDoctor, type Examine } from "../control/doctor/doctor.ts";
import { type AccessSettings, checkAccess } from "../control/doctor/doctor-access.ts";
import { checkHost } from "../control/doctor/doctor-host.ts";
import { checkMounts } from "../control/doctor/doctor-mounts.ts";
import { checkServices } from "../control/doctor/doctor-services.ts";
import { checkUpstreams } from "../control/doctor/doctor-upstreams.ts";
import { ServiceFinder } from "../control/find-services.ts";
import { createTargets } from "../control/targets.ts";
import { createAudit, createTokens } from "../control/tokens.ts";
import type { Settings } from "../model/service.ts";
import { knownBad } from "../reconcile/target/known-bad.ts";
import { tlsFaults } from "../server/tls/tls.ts";
import type { UpstreamLoop } from "../sync/upstream-loop.ts";
import { stuckReason } from "../wake/drift-scan.ts";
import type { Built } from "./build.ts";
import type { Setup } from "./setup.ts";

/** What answers the API. `fingerprint` is called when the listeners are open. */
export function composeHost(
  built: Built,
  loops: readonly UpstreamLoop[],
  settings: AccessSettings & Pick<Settings, "machines">,
  { hosts: names, self }: Pick<Setup, "hosts" | "self">,
): (fingerprint: HostFacts["fingerprint"]) => Host {
  const { startedAt, clock, log, records } = built;
  const find = new ServiceFinder(loops);
  const machines = [...new Set([...settings.machines, ...(self ? [self.machine] : [])])];
  const statusOf = (name: string): SeenService => ({
    ...records.status(name),
    progress: built.underWays.progressOf(name),
  });
  const answers = {
    ...composeChanges(find, self?.name ?? null, built),
    ...composeReads(find, statusOf, built),
    ...createDoctor(composeChecks(loops, { names, settings }, built), clock),
    ...createEvents(built.eventLog, clock),
    tokens: createTokens(built.tokenFile, clock),
    audit: createAudit(built.auditTrail, clock, log),
  };
  const facts = { machines, names, startedAt, stuckReason: () => stuckReason(loops) };
  const ports = { statusOf, clock };
  return (fingerprint) => ({ ...answers, ...createOverview(find, { ...facts, fingerprint }, ports) });
}

function composeChanges(find: ServiceFinder, self: string | null, built: Built) {
  const { records, gates, clock, log, stopping, aside, mounts } = built;
  return {
    ...createChanges(find, { records, gates, clock, targets: createTargets(built) }),
    ...createAsides(find, { aside, mounts, records, clock, log, stopping }),
    ...createReleases(find, self, built),
  };
}

/** Reads run git at the background's pace. */
function composeReads(find: ServiceFinder, statusOf: DetailsPorts["statusOf"], built: Built) {
  const { records, watch, readOnlyGit: git, exec } = built;
  return createReads(find, {
    ...built,
    ...{ git, tools: { git, exec }, targets: createTargets({ ...built, git }) },
    ...{ statusOf, observeUnit: watch.observe },
    knownBad: (managed, commit) => knownBad(managed, commit, records),
  });
}

/** The checks of doctor, in the order of its answer. */
export function composeChecks(
  loops: readonly UpstreamLoop[],
  { names, settings }: { readonly names: readonly string[]; readonly settings: AccessSettings },
  built: Built,
): readonly Examine[] {
  const { exec, stateDir, records, mountTable, aside, readOnlyGit: git, storeMaxBytes } = built;
  const { observe: observeUnit } = built.watch;
  return [
    () => checkHost(loops, names, { exec, stateDir }),
    () => checkMounts(loops, { records, mountTable, aside }),
    () => checkServices(loops, { records, observeUnit }),
    () => checkAccess(settings, tlsFaults),
    () => checkUpstreams(loops, { git, exec, storeMaxBytes }),
  ];
}
