/** Carries out steps as one deployment, which the history has from before the first step on. */
import type { HostsBefore } from "../../history/host-before.ts";
import type { Cause } from "../../history/journal.ts";
import type { ServiceRecord } from "../../history/kept.ts";
import { HostFault, Refusal } from "../../model/problem.ts";
import { holdOf } from "../../model/state.ts";
import type { Clock } from "../../platform/clock.ts";
import { verdictOn } from "../../rollout/blame.ts";
import { phaseAtEnd, phaseAtStart, phaseToStore } from "../../rollout/phase.ts";
import type { Step } from "../../rollout/plan.ts";
import type { ManagedService } from "../managed-service.ts";
import type { MarkedBad, Reached } from "../record-change.ts";
import type { Records } from "../records.ts";
import { fingerprintOf } from "../target/known-bad.ts";
import { originOf } from "../target/origin.ts";
import type { FirstDeployment } from "./first-deployment.ts";
import type { Work } from "./plan-work.ts";
import type { Outcome, TakeSteps } from "./take-steps.ts";
import type { UnderWays } from "./under-way.ts";

/** Rejects with a Problem, and with `Superseded` where `superseded` ended it. */
export type Deploy = (managed: ManagedService, work: Work, superseded: AbortSignal) => Promise<void>;

/** Something else is wanted of the service by now; what was published stays until that has been reconciled. */
export class Superseded extends Error {}

interface Ports {
  readonly records: Records;
  readonly takeSteps: TakeSteps;
  readonly first: FirstDeployment;
  readonly hostsBefore: HostsBefore;
  readonly underWays: UnderWays;
  readonly clock: Clock;
}

export function createDeploy(ports: Ports): Deploy {
  return async (managed, work, superseded) => {
    const { name: service } = managed.service;
    const { commit: from } = ports.records.get(service);
    const { to, by } = work;
    const heals = from === to && work.trigger !== "rollback" && (work.trigger === "poll" || work.why !== "");
    const trigger = heals ? "heal" : work.trigger;
    const startedAt = ports.clock.now();
    const underWay = ports.underWays.begin({ service, commit: to, trigger, by, since: startedAt });
    try {
      const start = { service, from, to, trigger, by, startedAt };
      await deploy(start, work, { managed, underWay, superseded }, ports);
    } finally {
      ports.underWays.end(service);
    }
  };
}

async function deploy(
  start: Cause,
  work: Work,
  run: Parameters<TakeSteps>[1],
  { records, clock, takeSteps, first, hostsBefore }: Ports,
): Promise<void> {
  const { managed } = run;
  const { service } = start;
  const before = records.get(service);
  const startedMs = clock.monotonicMs();
  const phase = phaseAtStart(work.steps, start.to, before.phase);
  await first.remember(managed, work.steps);
  const mounts = work.steps.flatMap((step) => (step.do === "mount" ? [step.link.local] : []));
  // A heal counts by itself.
  const isNew = work.steps.some((step) => step.do === "clear-drift");
  const id = await records.begin({ ...start, mounts, isNew, phase: phaseToStore(phase, work.steps) });
  // Git finds it out while the steps go on.
  const note = work.note().catch(() => "");
  const outcome = await takeSteps(work, run, { phase, links: before.links });
  const { problem, cut } = outcome;
  const { byHost, failedAt } = causeOf(outcome, work);
  // A unit that was reloaded need not be reloaded again: only its health is still unknown.
  if (cut === "interrupted" && failedAt !== "health") return;
  const result = cut ?? (problem === null ? "done" : "failed");
  const reason = problem?.message ?? [work.reason, work.why, await note].filter(Boolean).join("; ");
  const tookMs = clock.monotonicMs() - startedMs;
  const evidence = problem?.evidence ?? null;
  const deployment = { ...start, result, reason, failedAt, evidence, tookMs } as const;
  const failure = { ...start, failedAt, byHost, undoable: hostsBefore.get(service) !== null };
  const blamed = cut ? null : await blame(managed, failure, outcome, { records, clock });
  const goal = { commit: start.to, origin: originOf(managed) };
  const reached = reachedBy(work, outcome, { result, byHost, failedAt }, { before, goal });
  await records.end(id, deployment, reached, blamed);
  if (start.from === null && reached.commit !== null) hostsBefore.forget(service);
  if (cut === "superseded") throw new Superseded();
  if (problem !== null) throw problem;
}

/** What of a failure is kept: whether the host alone is to blame, and from where it is tried again. */
function causeOf({ problem, failedAt }: Outcome, { definesUnit }: Work) {
  const byHost = problem instanceof HostFault && !definesUnit;
  // A unit that systemd did not have is still to be reloaded.
  return { byHost, failedAt: byHost && failedAt === "health" ? ("unit" as const) : failedAt };
}

/** What is held against a commit whose deployment has failed; null: it may be tried again. */
async function blame(
  managed: ManagedService,
  failure: Omit<Parameters<typeof verdictOn>[0], "refused" | "held" | "onFailure">,
  { problem }: Outcome,
  { records, clock }: Pick<Ports, "records" | "clock">,
): Promise<MarkedBad | null> {
  if (problem === null) return null;
  const { name, health } = managed.service;
  const { to: commit } = failure;
  const held = holdOf(records.get(name).state)?.commit === commit;
  const refused = problem instanceof Refusal;
  const verdict = verdictOn({ ...failure, refused, held, onFailure: health.onFailure });
  if (verdict === null) return null;
  const bad = { commit, verdict, reason: problem.message, at: clock.now() };
  return { fingerprint: await fingerprintOf(managed, commit), bad };
}

/** What the record has when the deployment has ended; `goal`: what it has after one that was not in vain. */
function reachedBy(
  { steps }: Work,
  { phase, links }: Outcome,
  end: Parameters<typeof phaseAtEnd>[1],
  { before, goal }: { readonly before: ServiceRecord; readonly goal: Pick<Reached, "commit" | "origin"> },
): Reached {
  const { commit, origin } = before;
  if (isPackageOnly(steps)) return { commit, origin, links, phase: before.phase };
  const reached = { links, phase: phaseAtEnd(phase, end, before.phase) };
  return { ...reached, ...(end.result === "done" ? goal : { commit, origin }) };
}

/** After a package is installed, everything is observed again before other steps. */
function isPackageOnly(steps: readonly Step[]): boolean {
  return steps.length > 0 && steps.every((step) => step.do === "install-package");
}
