/** Takes the steps of a deployment one after another, until one fails or the deployment is cut short. */
import type { FailedAt } from "../../model/deployment/deployment.ts";
import type { StepWord } from "../../model/deployment/progress.ts";
import { Problem } from "../../model/problem.ts";
import type { Service } from "../../model/service.ts";
import type { FairSemaphore } from "../../platform/fair-semaphore.ts";
import type { Log } from "../../platform/log.ts";
import { during } from "../../platform/trace/span.ts";
import { dirty, phaseAfter, phaseDuring } from "../../rollout/phase.ts";
import type { Step } from "../../rollout/plan.ts";
import type { Checkouts } from "../ports.ts";
import type { Reached } from "../record-change.ts";
import { toProblem } from "../to-problem.ts";
import type { Work } from "./plan-work.ts";
import type { Execute, Run } from "./steps.ts";

/** The phase, and what the checkout is narrowed to. */
type ReachedHere = Pick<Reached, "phase" | "links">;

export interface Outcome extends ReachedHere {
  readonly problem: Problem | null;
  readonly failedAt: FailedAt | null;
  /**
   * `interrupted`: the daemon had to stop between two steps, and the next start goes on from there; `superseded`:
   * something else is wanted by now. Null: it came to its own end.
   */
  readonly cut: "interrupted" | "superseded" | null;
}

type TheRun = Omit<Run, "over">;

export type TakeSteps = (work: Work, run: TheRun, start: ReachedHere) => Promise<Outcome>;

interface Ports {
  readonly execute: Execute;
  readonly checkouts: Pick<Checkouts, "finish">;
  /** How many services get their files at once; each store has its share. */
  readonly fileSlots: FairSemaphore;
  readonly log: Log;
  readonly stopping: AbortSignal;
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
export function createTakeSteps(ports: Ports): TakeSteps {
  const { checkouts, log } = ports;
  return async (work, run, start) => {
    const outcome = await takeSteps(work, run, start, ports);
    try {
      await during({ name: "finish publishing" }, () => checkouts.finish(run.managed));
      return outcome;
    } catch (error) {
      const problem = outcome.problem ?? toProblem(error, "host", log);
      const phase = dirty(outcome.phase, null);
      return { ...outcome, phase, problem, failedAt: outcome.failedAt ?? "files" };
    }
  };
}

const stopped = "the daemon was stopped before the service was known to be well";

async function takeSteps(
  work: Work,
  { managed, underWay, superseded }: TheRun,
  start: ReachedHere,
  { execute, fileSlots, log, stopping }: Ports,
): Promise<Outcome> {
  const run: Run = { managed, underWay, superseded, over: AbortSignal.any([stopping, superseded]) };
  let reached = start;
  let failedAt = "check" as FailedAt;
  let published = false;
  const take = async (steps: readonly Step[]) => {
    for (const step of steps) {
      failedAt = failedAtOf(step);
      const entered = phaseDuring(reached.phase, step);
      // A stop or a supersession before the wait for health leaves a unit that was reloaded.
      if (entered.at === "told") reached = { ...reached, phase: entered };
      stopping.throwIfAborted();
      if (!published) superseded.throwIfAborted();
      log.debug({ service: managed.service.name, ...step }, "step");
      published ||= step.do === "publish";
      underWay.enter(words[step.do], detailOf(step, managed.service));
      reached = { ...reached, phase: entered };
      const narrowed = await execute(step, run);
      reached = { ...reached, ...narrowed, phase: phaseAfter(reached.phase, step) };
    }
  };
  try {
    const files = work.steps.some((step) => !["unit", "health"].includes(failedAtOf(step)));
    // What is begun is of use when its unit can start: a first boot with many services finishes one after another.
    const taking = () => take(work.steps);
    await (files ? fileSlots.run(managed.store.path, taking, superseded) : taking());
    for (const next of work.afterwards) await take(await during({ name: "plan for the unit" }, next));
    return { ...reached, problem: null, failedAt: null, cut: null };
  } catch (error) {
    // What a stop has cut short proves nothing; the next start goes on from there.
    if (stopping.aborted)
      return { ...reached, problem: new Problem("host", stopped), failedAt, cut: "interrupted" };
    // The wait for health or for a slot was cut short, or nothing was published yet.
    const isCut = failedAt === "health" || !published || error === superseded.reason;
    if (superseded.aborted && isCut)
      return { ...reached, problem: new Problem("host", superseded.reason), failedAt, cut: "superseded" };
    return { ...reached, problem: toProblem(error, "host", log), failedAt, cut: null };
  }
}

/** The names of steps in progress reports. */
const words: Readonly<Record<Step["do"], StepWord>> = {
  "install-package": "package",
  "set-aside": "fetch",
  "add-checkout": "fetch",
  narrow: "fetch",
  stage: "fetch",
  "save-edits": "publish",
  "clear-drift": "publish",
  check: "check",
  publish: "publish",
  unmount: "mount",
  mount: "mount",
  "daemon-reload": "unit",
  systemctl: "unit",
  verify: "health",
};

const detailMaxChars = 80;

/** What is run for a step; empty: nothing to add. */
function detailOf(step: Step, { check }: Service): string {
  switch (step.do) {
    case "install-package":
      return step.name;
    case "check":
      return cut(check?.commands.map((argv) => argv.join(" ")).join("; ") ?? "");
    case "daemon-reload":
      return "systemctl daemon-reload";
    case "systemctl":
      return `systemctl ${step.verb}`;
    default:
      return "";
  }
}

function cut(text: string): string {
  return text.length > detailMaxChars ? `${text.slice(0, detailMaxChars - 1)}…` : text;
}
