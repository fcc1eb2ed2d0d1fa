/** What a pull or a rollback would do, as far as it is known now; does nothing of it. */
import type { CommitsReply, DiffReply, PlanReply } from "../api/shapes.ts";
import type { Git } from "../git/git.ts";
import { commitsBetween, diffBetween } from "../git/history/log.ts";
import type { ObserveUnit } from "../host/systemd/units.ts";
import type { Commit } from "../model/commit.ts";
import { Problem } from "../model/problem.ts";
import type { Service } from "../model/service.ts";
import type { Freshness } from "../model/state.ts";
import { renderDuration } from "../model/text/duration.ts";
import { createLimit } from "../platform/fair-semaphore.ts";
import { linksOf } from "../reconcile/links.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import type { Observe } from "../reconcile/observe/observe.ts";
import type { Records } from "../reconcile/records.ts";
import { assertNoKnownPointers } from "../reconcile/target/lfs-pointers.ts";
import { plan, type Step } from "../rollout/plan.ts";
import { needsUnit, planAfterwards, planUnitFiles } from "../rollout/unit/plan-unit.ts";
import type { UpstreamLoop } from "../sync/upstream-loop.ts";
import type { PolledUpstream } from "../sync/upstream-poller.ts";
import { tipOf } from "./details.ts";
import type { Targets } from "./targets.ts";

const commitsMax = 100;
const diffTimeoutMs = 60_000;
/** A difference is held in memory while it is sent: one at a time. */
const diffing = createLimit(1);

export interface RangePorts {
  readonly records: Pick<Records, "get">;
  readonly targets: Pick<Targets, "find">;
  readonly git: Git;
  readonly stopping: AbortSignal;
}

export interface PlanPorts {
  readonly targets: Pick<Targets, "decide" | "find" | "gatesFor">;
  readonly observe: Observe;
  readonly observeUnit: ObserveUnit;
}

type Polling = Pick<UpstreamLoop, "pollForPeople">;

/** @throws Problem */
export async function commitsAhead(
  managed: ManagedService,
  loop: Polling,
  fresh: Freshness,
  { records, git }: Pick<RangePorts, "records" | "git">,
): Promise<CommitsReply> {
  const seen = await loop.pollForPeople(managed, fresh);
  const { commit: from } = records.get(managed.service.name);
  const to = tipOf(managed.service, seen.view);
  if (to === null || to === from) return { from, to, commits: [], truncated: false, ...asOf(seen) };
  const range = { from, to, paths: linksOf(managed.service) };
  const found = await commitsBetween(managed.store, range, commitsMax, git);
  const commits = found
    .slice(0, commitsMax)
    .map((info) => ({ ...info, committedAt: info.committedAt.toISOString() }));
  return { from, to, commits, truncated: found.length > commitsMax, ...asOf(seen) };
}

/** @throws Problem */
export async function differenceTo(
  managed: ManagedService,
  commit: string | null,
  loop: Polling,
  { records, targets, git, stopping }: RangePorts,
): Promise<DiffReply> {
  const { to, seen } = await endOfDifference(managed, commit, loop, targets);
  const { commit: from } = records.get(managed.service.name);
  if (to === from) return { from, to, diff: "", truncated: false, ...seen };
  const range = { from, to, paths: linksOf(managed.service) };
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(diffTimeoutMs)]);
  const { text, truncated } = await diffing(() => diffBetween(managed.store, range, git, signal));
  return { from, to, diff: text, truncated, ...seen };
}

/** The commit that is named, or else the newest of the service's branch. */
async function endOfDifference(
  managed: ManagedService,
  commit: string | null,
  loop: Polling,
  targets: RangePorts["targets"],
): Promise<{ readonly to: Commit; readonly seen: AsOf }> {
  if (commit !== null) return { to: await targets.find(managed, commit.toLowerCase()), seen: {} };
  const { service } = managed;
  const seen = await loop.pollForPeople(managed, "now");
  const to = tipOf(service, seen.view);
  if (to !== null) return { to, seen: asOf(seen) };
  const trouble = seen.view.is === "known" ? seen.view.troubles?.get(service.branch)?.message : undefined;
  const why = seen.stale || (trouble ?? `upstream has no branch "${service.branch}"`);
  throw new Problem("git", `Cannot tell what "${service.name}" would get: ${why}`);
}

/** @throws Problem */
export async function planFor(
  managed: ManagedService,
  { to: named, fresh }: { readonly to: string | null; readonly fresh: Freshness },
  loop: Polling & Pick<UpstreamLoop, "view">,
  { targets, observe, observeUnit }: PlanPorts,
): Promise<PlanReply> {
  const { service } = managed;
  const seen = named === null ? await loop.pollForPeople(managed, fresh) : null;
  const { commit: to, problem } =
    named === null
      ? await targets.decide(managed, seen?.view ?? loop.view, { overrideWindow: true })
      : { commit: await targets.find(managed, named.toLowerCase()), problem: null };
  if (problem !== null) throw problem;
  const known = seen ? asOf(seen) : {};
  if (to === null) return { to, steps: [], ...known };
  const waiting = named === null ? await targets.gatesFor(managed, to) : null;
  const waitsFor = waiting && { why: waiting.why, until: waiting.until?.toISOString() ?? null };
  const { observed } = await observe(managed, to);
  const planned = plan(service, to, observed);
  const staged = planned.files.find((step) => step.do === "stage");
  if (staged) await assertNoKnownPointers(managed, { base: staged.whole ? null : staged.base, to });
  const unit = needsUnit(service, observed, planned) ? await observeUnit(service.name) : null;
  const afterwards = [
    ...planUnitFiles(observed, planned, unit),
    ...planAfterwards(service, observed, planned, unit),
  ];
  const steps = [...planned.files, ...afterwards].map((step) => renderStep(step, service));
  return { to, steps, ...known, ...(waitsFor && { waitsFor }) };
}

interface AsOf {
  readonly asOf?: string;
  readonly stale?: string;
}

/** When upstream last answered, and why it did not now. */
function asOf({ view, stale }: PolledUpstream): AsOf {
  const at = view.is === "known" && view.at ? { asOf: view.at.toISOString() } : {};
  return { ...at, ...(stale !== "" && { stale }) };
}

/** A step in a line for people. */
function renderStep(step: Step, { name, checkout, health }: Service): string {
  switch (step.do) {
    case "install-package":
      return `install package ${step.name}, then look again`;
    case "set-aside":
      return `set ${checkout} aside: ${step.why}`;
    case "add-checkout":
      return `make the checkout ${checkout}`;
    case "narrow":
      return "narrow the checkout to the links";
    case "save-edits":
      return `save local edits that ${step.to.slice(0, 8)} would overwrite`;
    case "clear-drift":
      return "save what has drifted, and clear the way for git's files";
    case "stage":
      return `stage ${step.commit.slice(0, 8)} beside the checkout`;
    case "check":
      return `check ${step.commit.slice(0, 8)} as ${name} would see it`;
    case "publish":
      return `publish ${step.commit.slice(0, 8)}`;
    case "unmount":
      return `unmount ${step.target}`;
    case "mount":
      return `mount ${step.link.link} at ${step.link.local}${step.hides ? `, which hides ${step.hides}` : ""}`;
    case "daemon-reload":
      return "systemctl daemon-reload";
    case "systemctl":
      return `systemctl ${step.verb} ${name}`;
    case "verify":
      return `see that ${name} is well${health.settleMs > 0 ? ` for ${renderDuration(health.settleMs)}` : ""}`;
  }
}
