/** What is known of a service, for people who ask; changes nothing. */
import type { DriftDiffReply } from "../api/drift-diff-shape.ts";
import type { DriftReply, ServiceDetails } from "../api/shapes.ts";
import { type CheckoutSeen, observeCheckout } from "../git/checkout/checkout.ts";
import { showEdits } from "../git/edits/show-edits.ts";
import type { CommitInfo } from "../git/history/log.ts";
import { bindsOf, observeBind } from "../host/mounts/mounts.ts";
import type { Commit } from "../model/commit.ts";
import type { Progress } from "../model/progress.ts";
import type { Service } from "../model/service.ts";
import { infoOf, reasonOf } from "../model/state.ts";
import { maskSecrets } from "../model/text/mask.ts";
import { showPath } from "../model/text/path-bytes.ts";
import type { UnitSeen } from "../model/unit.ts";
import { createLimit } from "../platform/fair-semaphore.ts";
import { storesDir } from "../platform/files/state-paths.ts";
import type { Context } from "../reconcile/context.ts";
import { linksOf } from "../reconcile/links.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import { floodOf, observeAttributes } from "../reconcile/observe/observe-files.ts";
import { knownBad } from "../reconcile/target/known-bad.ts";
import { renderFlood } from "../rollout/drift.ts";
import type { UpstreamView } from "../rollout/target.ts";
import { isRunning } from "../rollout/unit/unit.ts";
import type { UpstreamLoop } from "../sync/upstream-loop.ts";
import { deployingDetails } from "./deploying.ts";
import { holdDetails, waitingDetails } from "./hold-details.ts";

export async function detailsOf(
  service: Service,
  loop: UpstreamLoop,
  context: Context,
): Promise<ServiceDetails> {
  const managed = loop.managed(service.name);
  // All of one moment: while git is asked the work may end, and "not busy" would stand beside the state before it.
  const { commit, state, changedAt } = context.records.status(service.name);
  const { busy, lookedAt, nextLookAt } = loop.pollTimes(service.name);
  const progress = managed?.underWay?.progress ?? null;
  const tip = tipOf(service, loop.known);
  const info = commit === null ? null : ((await managed?.history.info(commit)) ?? null);
  return {
    service: service.name,
    commit,
    ...commitWords(info),
    state: state.name,
    reason: reasonOf(state),
    info: [context.aside.words(service.name), infoOf(state)].filter(Boolean).join("; "),
    changedAt: changedAt.toISOString(),
    held: holdDetails(state),
    waiting: waitingDetails(state),
    bad: managed && tip !== null ? await badDetails(managed, tip, context) : null,
    upstream: maskSecrets(service.upstream),
    branch: service.branch,
    tip,
    behind: managed && commit !== null && tip !== null ? await behind(managed, commit, tip) : null,
    drift: "drift" in state ? state.drift : "",
    busy,
    deploying: managed && progress ? await deployingOf(managed, progress, context) : null,
    lookedAt: lookedAt?.toISOString() ?? null,
    nextLookAt: nextLookAt?.toISOString() ?? null,
    checkout: service.checkout,
    user: service.user,
    action: service.action,
    unit: unitDetails(context.units.lastSeen(service)),
    links: service.links.map(({ link, local, file }) => ({ link, local, file })),
  };
}

async function deployingOf(
  managed: ManagedService,
  progress: Progress,
  { clock }: Context,
): Promise<ServiceDetails["deploying"]> {
  return deployingDetails(progress, await managed.history.info(progress.commit), clock.now());
}

async function badDetails(
  managed: ManagedService,
  tip: Commit,
  context: Context,
): Promise<ServiceDetails["bad"]> {
  const bad = await knownBad(managed, tip, context).catch(() => null);
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

function commitWords(info: CommitInfo | null): Pick<ServiceDetails, "subject" | "committedAt"> {
  return { subject: info?.subject ?? null, committedAt: info?.committedAt.toISOString() ?? null };
}

/** The newest commit of the service's branch, as the last look at its upstream saw it. */
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

const findingsMax = 1_000;

/** A new look at checkout, mounts and unit. @throws Problem */
export async function driftOf(managed: ManagedService, context: Context): Promise<DriftReply> {
  const { service, store } = managed;
  const { git, stateDir, records, observeUnit } = context;
  const [seen, unit] = await Promise.all([
    observeCheckout({ store, checkout: service.checkout }, git, { storesDir: storesDir(stateDir) }),
    service.action === null ? null : observeUnit(service.name),
  ]);
  const wrong = seen.is === "present" ? await observeAttributes(managed, context) : [];
  const table = context.mountTable();
  const { state } = records.get(service.name);
  const edits = seen.is === "present" ? seen.edits : [];
  return {
    drift: "drift" in state ? state.drift : "",
    ...moreThanListed(service, seen),
    edits: edits
      .slice(0, findingsMax)
      .map(({ path, untracked }) => ({ path: showPath(path), kind: untracked ? "untracked" : "changed" })),
    attributes: wrong.slice(0, findingsMax).map(({ path, ...how }) => ({ path: showPath(path), ...how })),
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
/** All of them through one index, and each is held in memory while it is sent. */
const diffing = createLimit(1);

/** The local edits of a service's checkout, with their contents. @throws Problem */
export function driftDiffOf(managed: ManagedService, context: Context): Promise<DriftDiffReply> {
  const { service, store } = managed;
  const { git, stateDir, stopping } = context;
  return diffing(async () => {
    const seen = await observeCheckout({ store, checkout: service.checkout }, git, {
      storesDir: storesDir(stateDir),
    });
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
