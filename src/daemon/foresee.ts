/** What a pull or a rollback would do, as far as it can be told now; does nothing of it. */
import pLimit from "p-limit";
import type { CommitsReply, DiffReply, PlanReply } from "../api/shapes.ts";
import { commitsBetween, diffBetween } from "../git/log.ts";
import type { Commit } from "../model/commit.ts";
import { renderDuration } from "../model/duration.ts";
import { Problem } from "../model/problem.ts";
import type { Service } from "../model/service.ts";
import { plan, type Step } from "../rollout/plan.ts";
import { needsUnit, planAfterwards, planUnitFiles } from "../rollout/plan-unit.ts";
import type { Context } from "./context.ts";
import { decideTarget } from "./decide-target.ts";
import { findCommit } from "./find-commit.ts";
import { linksOf } from "./links.ts";
import { look } from "./look.ts";
import type { Member } from "./member.ts";
import { tipOf } from "./survey.ts";
import type { UpstreamLoop } from "./upstream-loop.ts";
import { waitForGates } from "./wait-for-gates.ts";

const commitsMax = 100;
const diffTimeoutMs = 60_000;
/** A difference is held in memory while it is sent: one at a time. */
const diffing = pLimit(1);

/** @throws Problem */
export async function commitsAhead(
  member: Member,
  loop: UpstreamLoop,
  context: Context,
): Promise<CommitsReply> {
  const { commit: from } = context.ledger.get(member.service.name);
  const to = tipOf(member.service, loop);
  if (to === null || to === from) return { from, to, commits: [], truncated: false, ...asOf(loop) };
  const range = { from, to, paths: linksOf(member.service) };
  const found = await commitsBetween(member.store, range, commitsMax, context.git);
  const commits = found.slice(0, commitsMax).map((info) => ({
    ...info,
    committedAt: info.committedAt.toISOString(),
  }));
  return { from, to, commits, truncated: found.length > commitsMax, ...asOf(loop) };
}

/** @throws Problem */
export async function differenceTo(
  member: Member,
  asked: string | null,
  loop: UpstreamLoop,
  context: Context,
): Promise<DiffReply> {
  const { commit: from } = context.ledger.get(member.service.name);
  const to = await commitAsked(member, asked, loop, context);
  const seen = asked === null ? asOf(loop) : {};
  if (to === from) return { from, to, diff: "", truncated: false, ...seen };
  const range = { from, to, paths: linksOf(member.service) };
  const signal = AbortSignal.any([context.stopping, AbortSignal.timeout(diffTimeoutMs)]);
  const { text, truncated } = await diffing(() => diffBetween(member.store, range, context.git, signal));
  return { from, to, diff: text, truncated, ...seen };
}

async function commitAsked(
  member: Member,
  asked: string | null,
  loop: UpstreamLoop,
  context: Context,
): Promise<Commit> {
  if (asked !== null) return findCommit(member, asked.toLowerCase(), context);
  const tip = tipOf(member.service, loop);
  if (tip !== null) return tip;
  throw new Problem("git", `Nothing is known yet of the upstream of "${member.service.name}"; pull first`);
}

/** @throws Problem */
export async function planFor(
  member: Member,
  asked: string | null,
  loop: UpstreamLoop,
  context: Context,
): Promise<PlanReply> {
  const { service } = member;
  const { commit: to, problem } =
    asked === null
      ? await decideTarget(member, loop.view, context, { overrideWindow: true })
      : { commit: await findCommit(member, asked.toLowerCase(), context), problem: null };
  if (problem !== null) throw problem;
  const seen = asked === null ? asOf(loop) : {};
  if (to === null) return { to, steps: [], ...seen };
  const waiting = asked === null ? await waitForGates(member, to, context) : null;
  const waitsFor = waiting && { why: waiting.why, until: waiting.until?.toISOString() ?? null };
  const { observed } = await look(member, to, context);
  const planned = plan(service, to, observed);
  const unit = needsUnit(service, observed, planned) ? await context.observeUnit(service.name) : null;
  const afterwards = [
    ...planUnitFiles(observed, planned, unit),
    ...planAfterwards(service, observed, planned, unit),
  ];
  const steps = [...planned.files, ...afterwards].map((step) => renderStep(step, service));
  return { to, steps, ...seen, ...(waitsFor && { waitsFor }) };
}

/** When upstream last answered; nothing while it cannot be asked, for then nothing is known of it. */
function asOf({ view }: UpstreamLoop): { readonly asOf?: string } {
  return view.is === "known" && view.at ? { asOf: view.at.toISOString() } : {};
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
