/** Carries out steps as one deployment, which the history has from before the first step on. */
import type { Commit } from "../../model/commit.ts";
import type { Deployment, FailedAt, Trigger } from "../../model/deployment.ts";
import { HostFault, Problem } from "../../model/problem.ts";
import { during } from "../../platform/trace/span.ts";
import type { Step } from "../../rollout/plan.ts";
import type { Context } from "../context.ts";
import type { ManagedService } from "../managed-service.ts";
import type { Reached } from "../record-changes.ts";
import { originOf } from "../target/origin.ts";
import { toProblem } from "../to-problem.ts";
import { execute } from "./execute.ts";
import { markBad } from "./mark-bad.ts";
import { finishPublishing } from "./publish-files.ts";
import { detailOf, wordOf } from "./step-words.ts";
import { UnderWay } from "./under-way.ts";
import { rememberHost } from "./undo-first.ts";

export interface Work {
  readonly to: Commit;
  readonly trigger: Trigger;
  /** The person who requested it; empty: no person did. */
  readonly by: string;
  /** Why that person wanted it; empty where that is not known. */
  readonly reason: string;
  /** What the history has to remember of the way there. */
  readonly note: () => Promise<string>;
  /** What of the host had drifted and is put right; empty for nothing. */
  readonly why: string;
  readonly steps: readonly Step[];
  /** It brings what defines the unit, which is to blame then where systemd does not have or take the unit. */
  readonly definesUnit: boolean;
  /** Answer the steps that are known only when those before them are done. */
  readonly afterwards: readonly (() => Promise<readonly Step[]>)[];
}

/** @throws Problem */
export async function deploy(managed: ManagedService, work: Work, context: Context): Promise<void> {
  const { records, clock } = context;
  const { name: service } = managed.service;
  const { commit: from } = records.get(service);
  const { to } = work;
  const heals = from === to && work.trigger !== "rollback" && (work.trigger === "poll" || work.why !== "");
  const trigger = heals ? "heal" : work.trigger;
  const start: Begun = { service, from, to, trigger, by: work.by, startedAt: clock.now() };
  const underWay = new UnderWay(
    { service, commit: to, trigger, by: work.by, since: start.startedAt },
    context,
  );
  managed.underWay = underWay;
  try {
    await deployFrom(start, managed, work, context);
  } finally {
    managed.underWay = null;
    underWay.end();
  }
}

type Begun = Pick<Deployment, "service" | "from" | "to" | "trigger" | "by" | "startedAt">;

async function deployFrom(
  start: Begun,
  managed: ManagedService,
  work: Work,
  context: Context,
): Promise<void> {
  const { records, clock } = context;
  const { service, to } = start;
  const before = records.get(service);
  const startedMs = clock.monotonicMs();
  const changesCheckout = publishesSoon(work.steps);
  const anew = work.steps.some((step) => step.do === "clear-drift");
  await rememberHost(managed, work.steps, context);
  const id = records.begin({ ...start, mounts: targetsOf(work.steps), changesCheckout, anew });
  // Asked of git while the steps go on.
  const note = work.note().catch(() => "");
  const outcome = await carryOut(managed, work, before, context);
  const { reached, problem, cut } = outcome;
  const { byHost, failedAt } = causeOf(outcome, work);
  // A unit that was reloaded need not be reloaded again: only its health is still unknown.
  if (cut === "interrupted" && failedAt !== "health") return;
  const result = cut ?? (problem === null ? "done" : "failed");
  const reason = problem?.message ?? [work.reason, work.why, await note].filter(Boolean).join("; ");
  const applied =
    problem === null && !isPackageOnly(work.steps) ? { commit: to, origin: originOf(managed) } : {};
  const evidence = problem?.evidence ?? null;
  const tookMs = clock.monotonicMs() - startedMs;
  const deployment = { ...start, result, reason, failedAt, evidence, tookMs } as const;
  const blamed = cut ? null : await markBad(managed, { ...deployment, byHost, problem }, context);
  records.end(id, deployment, { ...reached, ...applied }, blamed);
  if (start.from === null && records.get(service).commit !== null) context.hostsBefore.forget(service);
  managed.pendingReload = managed.pendingReload && problem !== null;
  if (cut === "superseded") throw new Superseded();
  if (problem !== null) throw problem;
}

/** Something else is wanted of the service by now; what was published stays until that has been reconciled. */
export class Superseded extends Error {}

/** What of a failure is kept: whether the host alone is to blame, and from where it is tried again. */
function causeOf({ problem, failedAt }: Outcome, { definesUnit }: Work) {
  const byHost = problem instanceof HostFault && !definesUnit;
  // A unit that systemd did not have is still to be reloaded.
  return { byHost, failedAt: byHost && failedAt === "health" ? ("unit" as const) : failedAt };
}

/** Then one write to disk does for both. What is staged as a whole takes longer, and may have a check to pass. */
function publishesSoon(steps: readonly Step[]): boolean {
  return (
    steps.some((step) => step.do === "publish") && !steps.some((step) => step.do === "stage" && step.whole)
  );
}

function targetsOf(steps: readonly Step[]) {
  return steps.flatMap((step) => (step.do === "mount" ? [step.link.local] : []));
}

/** After a package is installed, everything is observed again before other steps. */
function isPackageOnly(steps: readonly Step[]): boolean {
  return steps.length > 0 && steps.every((step) => step.do === "install-package");
}

interface Outcome {
  readonly reached: Reached;
  readonly problem: Problem | null;
  readonly failedAt: FailedAt | null;
  /**
   * `interrupted`: the daemon was told to stop between two steps, and the next start goes on from there; `superseded`:
   * something else is wanted by now. Null: it came to its own end.
   */
  readonly cut: "interrupted" | "superseded" | null;
}

const failsAt: Partial<Record<Step["do"], FailedAt>> = {
  stage: "check",
  check: "check",
  "daemon-reload": "unit",
  systemctl: "unit",
  verify: "health",
};
const failedAtOf = (step: Step): FailedAt => failsAt[step.do] ?? "files";

/** Without an end of its files a checkout is not that of any commit, whatever else was reached. */
async function carryOut(
  managed: ManagedService,
  work: Work,
  before: Reached,
  context: Context,
): Promise<Outcome> {
  const outcome = await takeSteps(managed, work, before, context);
  try {
    await during({ name: "finish publishing" }, () => finishPublishing(managed, context));
    return outcome;
  } catch (error) {
    const reached = { ...outcome.reached, head: null };
    const problem = outcome.problem ?? toProblem(error, "host", context.log);
    return { ...outcome, reached, problem, failedAt: outcome.failedAt ?? "files" };
  }
}

const stopped = "the daemon was stopped before the service was known to be well";

async function takeSteps(
  managed: ManagedService,
  work: Work,
  before: Reached,
  context: Context,
): Promise<Outcome> {
  const { stopping, superseded, log, fileSlots } = context;
  const { commit, origin, head, links } = before;
  let reached: Reached = { commit, origin, head, links };
  let failedAt = "check" as FailedAt;
  let published = false;
  const take = async (steps: readonly Step[]) => {
    for (const step of steps) {
      failedAt = failedAtOf(step);
      stopping.throwIfAborted();
      if (!published) superseded.throwIfAborted();
      log.debug({ service: managed.service.name, ...step }, "step");
      published ||= step.do === "publish";
      managed.underWay?.enter(wordOf(step), detailOf(step, managed.service));
      if (step.do === "publish") reached = { ...reached, head: null };
      reached = { ...reached, ...(await execute(step, managed, context)) };
    }
  };
  try {
    const files = work.steps.some((step) => !["unit", "health"].includes(failedAtOf(step)));
    // What is begun is of use when its unit can start: a first boot with many services finishes one after another.
    const taking = () => take(work.steps);
    await (files ? fileSlots.run(managed.store.path, taking, superseded) : taking());
    for (const next of work.afterwards) await take(await during({ name: "plan for the unit" }, next));
    return { reached, problem: null, failedAt: null, cut: null };
  } catch (error) {
    // What a stop has cut short proves nothing; the next start goes on from there.
    if (stopping.aborted)
      return { reached, problem: new Problem("host", stopped), failedAt, cut: "interrupted" };
    // The wait for health or for a slot was cut short, or nothing was published yet.
    const isCut = failedAt === "health" || !published || error === superseded.reason;
    if (superseded.aborted && isCut)
      return { reached, problem: new Problem("host", superseded.reason), failedAt, cut: "superseded" };
    return { reached, problem: toProblem(error, "host", log), failedAt, cut: null };
  }
}
