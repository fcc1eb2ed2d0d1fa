/** What a pull or a rollback would do, as far as it can be told now; does nothing of it. */

import type { CommitsReply, DiffReply, PlanReply } from "../api/shapes.ts";
import { commitsBetween, diffBetween } from "../git/history/log.ts";
import type { Commit } from "../model/commit.ts";
import { Problem } from "../model/problem.ts";
import type { Service } from "../model/service.ts";
import type { Freshness } from "../model/state.ts";
import { renderDuration } from "../model/text/duration.ts";
import { createLimit } from "../platform/fair-semaphore.ts";
import type { Context } from "../reconcile/context.ts";
import { linksOf } from "../reconcile/links.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import { observe } from "../reconcile/observe/observe.ts";
import { decideTarget } from "../reconcile/target/decide-target.ts";
import { findCommit } from "../reconcile/target/find-commit.ts";
import { assertNoKnownPointers } from "../reconcile/target/lfs-pointers.ts";
import { waitForGates } from "../reconcile/target/wait-for-gates.ts";
import { plan, type Step } from "../rollout/plan.ts";
import { needsUnit, planAfterwards, planUnitFiles } from "../rollout/plan-unit.ts";
import type { UpstreamLoop } from "../sync/upstream-loop.ts";
import type { PolledUpstream } from "../sync/upstream-poller.ts";
import { tipOf } from "./details.ts";

const commitsMax = 100;
const diffTimeoutMs = 60_000;
/** A difference is held in memory while it is sent: one at a time. */
const diffing = createLimit(1);

/** @throws Problem */
export async function commitsAhead(
  managed: ManagedService,
  loop: UpstreamLoop,
  fresh: Freshness,
  context: Context,
): Promise<CommitsReply> {
  const seen = await loop.pollForPeople(managed, fresh);
  const { commit: from } = context.records.get(managed.service.name);
  const to = tipOf(managed.service, seen.view);
  if (to === null || to === from) return { from, to, commits: [], truncated: false, ...asOf(seen) };
  const range = { from, to, paths: linksOf(managed.service) };
  const found = await commitsBetween(managed.store, range, commitsMax, context.git);
  const commits = found.slice(0, commitsMax).map((info) => ({
    ...info,
    committedAt: info.committedAt.toISOString(),
  }));
  return { from, to, commits, truncated: found.length > commitsMax, ...asOf(seen) };
}

/** @throws Problem */
export async function differenceTo(
  managed: ManagedService,
  asked: string | null,
  loop: UpstreamLoop,
  context: Context,
): Promise<DiffReply> {
  const { to, seen } = await differenceAsked(managed, asked, loop, context);
  const { commit: from } = context.records.get(managed.service.name);
  if (to === from) return { from, to, diff: "", truncated: false, ...seen };
  const range = { from, to, paths: linksOf(managed.service) };
  const signal = AbortSignal.any([context.stopping, AbortSignal.timeout(diffTimeoutMs)]);
  const { text, truncated } = await diffing(() => diffBetween(managed.store, range, context.git, signal));
  return { from, to, diff: text, truncated, ...seen };
}

async function differenceAsked(
  managed: ManagedService,
  asked: string | null,
  loop: UpstreamLoop,
  context: Context,
): Promise<{ readonly to: Commit; readonly seen: AsOf }> {
  if (asked !== null) return { to: await findCommit(managed, asked.toLowerCase(), context), seen: {} };
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
  { to: asked, fresh }: { readonly to: string | null; readonly fresh: Freshness },
  loop: UpstreamLoop,
  context: Context,
): Promise<PlanReply> {
  const { service } = managed;
  const seen = asked === null ? await loop.pollForPeople(managed, fresh) : null;
  const { commit: to, problem } =
    asked === null
      ? await decideTarget(managed, seen?.view ?? loop.view, context, { overrideWindow: true })
      : { commit: await findCommit(managed, asked.toLowerCase(), context), problem: null };
  if (problem !== null) throw problem;
  const known = seen ? asOf(seen) : {};
  if (to === null) return { to, steps: [], ...known };
  const waiting = asked === null ? await waitForGates(managed, to, context) : null;
  const waitsFor = waiting && { why: waiting.why, until: waiting.until?.toISOString() ?? null };
  const { observed } = await observe(managed, to, context);
  const planned = plan(service, to, observed);
  const staged = planned.files.find((step) => step.do === "stage");
  if (staged) await assertNoKnownPointers(managed, { base: staged.whole ? null : staged.base, to });
  const unit = needsUnit(service, observed, planned) ? await context.observeUnit(service.name) : null;
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
