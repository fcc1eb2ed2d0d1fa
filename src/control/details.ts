/** The details of a service, for people; changes nothing. */
import type { SeenService } from "../api/host.ts";
import type { ServiceDetails } from "../api/shapes.ts";
import type { BadCommit } from "../model/bad-commit.ts";
import type { Commit } from "../model/commit.ts";
import type { Service } from "../model/service.ts";
import { holdOf, infoOf, reasonOf, type ServiceState, waitingOf } from "../model/state.ts";
import { maskSecrets } from "../model/text/mask.ts";
import type { UnitSeen } from "../model/unit.ts";
import type { Clock } from "../platform/clock.ts";
import { linksOf } from "../reconcile/links.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import type { UnitPort } from "../reconcile/ports.ts";
import type { UpstreamView } from "../rollout/target.ts";
import { isRunning } from "../rollout/unit/unit.ts";
import type { UpstreamLoop } from "../sync/upstream-loop.ts";
import type { Aside } from "./aside.ts";
import { deployingDetails } from "./deploying.ts";

export interface DetailsPorts {
  /** A service's status and its running deployment, of the same moment. */
  readonly statusOf: (service: string) => SeenService;
  readonly units: Pick<UnitPort, "lastSeen">;
  readonly aside: Pick<Aside, "words">;
  /** Why the commit is not tried again; null: it would be tried. */
  readonly knownBad: (managed: ManagedService, commit: Commit) => Promise<BadCommit | null>;
  readonly clock: Clock;
}

type Loop = Pick<UpstreamLoop, "managed" | "pollTimes" | "known">;

export async function detailsOf(service: Service, loop: Loop, ports: DetailsPorts): Promise<ServiceDetails> {
  const managed = loop.managed(service.name);
  // All of one moment: the work may end while git runs, and "not busy" would stand beside the state before it.
  const { commit, state, changedAt, progress = null } = ports.statusOf(service.name);
  const { busy, reconciledAt, nextPollAt } = loop.pollTimes(service.name);
  const tip = tipOf(service, loop.known);
  const info = commit === null ? null : ((await managed?.history.info(commit)) ?? null);
  return {
    service: service.name,
    commit,
    subject: info?.subject ?? null,
    committedAt: info?.committedAt.toISOString() ?? null,
    state: state.name,
    reason: reasonOf(state),
    info: [ports.aside.words(service.name), infoOf(state)].filter(Boolean).join("; "),
    changedAt: changedAt.toISOString(),
    held: holdDetails(state),
    waiting: waitingDetails(state),
    bad: managed && tip !== null ? await badDetails(managed, tip, ports) : null,
    upstream: maskSecrets(service.upstream),
    branch: service.branch,
    tip,
    behind: managed && commit !== null && tip !== null ? await behind(managed, commit, tip) : null,
    drift: "drift" in state ? state.drift : "",
    busy,
    deploying: managed && progress ? await deployingDetails(progress, managed.history, ports.clock) : null,
    lookedAt: reconciledAt?.toISOString() ?? null,
    nextLookAt: nextPollAt?.toISOString() ?? null,
    checkout: service.checkout,
    user: service.user,
    action: service.action,
    unit: unitDetails(ports.units.lastSeen(service)),
    links: service.links.map(({ link, local, file }) => ({ link, local, file })),
  };
}

function holdDetails(state: ServiceState): ServiceDetails["held"] {
  const hold = holdOf(state);
  if (hold === null) return null;
  const { commit, by, reason, since, until } = hold;
  return { commit, by, reason, since: since.toISOString(), until: until?.toISOString() ?? null };
}

function waitingDetails(state: ServiceState): ServiceDetails["waiting"] {
  const waiting = waitingOf(state);
  return waiting && { commit: waiting.commit, at: waiting.until?.toISOString() ?? null, why: waiting.why };
}

async function badDetails(
  managed: ManagedService,
  tip: Commit,
  { knownBad }: DetailsPorts,
): Promise<ServiceDetails["bad"]> {
  const bad = await knownBad(managed, tip).catch(() => null);
  return bad && { ...bad, at: bad.at.toISOString() };
}

function unitDetails(unit: UnitSeen | null): ServiceDetails["unit"] {
  if (unit === null) return null;
  const since = isRunning(unit) ? unit.activeAt : unit.changedAt;
  return {
    active: unit.active,
    sub: unit.sub,
    since: since?.toISOString() ?? null,
    restarts: unit.restarts,
  };
}

/** The newest commit of the service's branch, as the last poll saw it. */
export function tipOf({ branch }: Service, view: UpstreamView | null): Commit | null {
  return view?.is === "known" ? (view.tips.get(branch) ?? null) : null;
}

async function behind(
  { history, service }: ManagedService,
  commit: Commit,
  tip: Commit,
): Promise<number | null> {
  if (commit === tip) return 0;
  return history.ahead(commit, tip, linksOf(service)).catch(() => null);
}
