/** The phases of a deployment: how its steps move them on, and what follows from the one that was reached. Pure. */
import type { Commit } from "../model/commit.ts";
import type { DeploymentResult, FailedAt } from "../model/deployment/deployment.ts";
import type { Phase } from "../model/deployment/phase.ts";
import type { Observed, Step } from "./plan.ts";

/** The commit that the files are of as a whole; null: of none. */
export function headOf(phase: Phase): Commit | null {
  return phase.at === "publishing" ? null : phase.head;
}

/** The commit of the deployment that remains to be completed; null: there is none. */
export function towards(phase: Phase): Commit | null {
  return phase.at === "verified" ? null : phase.to;
}

const content: readonly Step["do"][] = ["install-package", "narrow", "stage"];
const ofHost: readonly Step["do"][] = ["mount", "unmount", "daemon-reload", "systemctl"];

/** The phase in which a deployment with these steps begins. */
export function phaseAtStart(steps: readonly Step[], to: Commit, before: Phase): Phase {
  const head = headOf(before);
  const running = { to, result: "running" } as const;
  if (head === null || steps.some((step) => content.includes(step.do)))
    return { at: "begun", ...running, head, ...(isAtRest(before) && { wasVerified: true }) };
  return { at: steps.some((step) => ofHost.includes(step.do)) ? "published" : "told", ...running, head };
}

/** What is stored when it begins: it is written ahead that files change, where that is soon, to write once for both. */
export function phaseToStore(phase: Phase, steps: readonly Step[]): Phase {
  return publishesSoon(steps) ? dirty(phase, null) : phase;
}

/** What is staged as a whole takes longer, and may have a check to pass. */
function publishesSoon(steps: readonly Step[]): boolean {
  if (steps.some((step) => step.do === "add-checkout")) return true;
  const isWhole = steps.some((step) => step.do === "stage" && step.whole);
  return !isWhole && steps.some((step) => step.do === "publish");
}

/** The phase while a step is carried out. */
export function phaseDuring(phase: Phase, { do: step }: Step): Phase {
  if (phase.at === "verified" || phase.at === "publishing") return phase;
  const { to, result } = phase;
  if (step === "publish" || step === "set-aside" || step === "add-checkout")
    return { at: "publishing", to, result };
  return step === "verify" && phase.at === "published" ? { ...phase, at: "told" } : phase;
}

/** The phase when a step has been carried out. */
export function phaseAfter(phase: Phase, step: Step): Phase {
  if (phase.at === "verified") return phase;
  const { to, result } = phase;
  if (step.do === "publish") return { at: "published", to, result, head: step.commit };
  if (phase.at !== "begun" && phase.at !== "staged") return phase;
  if (step.do === "stage") return { ...phase, at: "staged" };
  return step.do === "check" ? { ...phase, at: "checked" } : phase;
}

interface End {
  readonly result: DeploymentResult;
  /** The unit could not be had on this host, so that it is still to be reloaded. */
  readonly byHost: boolean;
  /** `check`, of files that are in place: it was superseded before its first step. */
  readonly failedAt?: FailedAt | null;
}

/** The phase when the deployment has ended; one that ended before it published leaves the phase as it was `before`. */
export function phaseAtEnd(phase: Phase, { result, byHost, failedAt }: End, before: Phase): Phase {
  if (phase.at === "verified") return phase;
  if (result === "done") return { at: "verified", head: headOf(phase) };
  if (phase.at === "publishing") return { ...phase, result };
  if (!isPlaced(phase) || failedAt === "check")
    return before.at !== "verified" && isAtRest(before) ? { at: "verified", head: headOf(before) } : before;
  return { ...phase, result, at: byHost ? "published" : phase.at };
}

/** Also where the daemon was killed before a deployment had changed anything. */
function isAtRest(phase: Phase): boolean {
  return phase.at === "verified" || ("wasVerified" in phase && phase.wasVerified === true);
}

function isPlaced(phase: Phase): phase is Extract<Phase, { at: "published" | "told" }> {
  return phase.at === "published" || phase.at === "told";
}

/** Some files are no longer those of `head`. */
export function dirty(phase: Phase, applied: Commit | null): Phase {
  if (phase.at === "publishing") return phase;
  if (phase.at !== "verified") return { at: "publishing", to: phase.to, result: phase.result };
  const to = applied ?? phase.head;
  return to === null ? phase : { at: "publishing", to, result: "interrupted" };
}

/** The phase of a deployment that mounts the files on disk again, whose unit may have started without them. */
export function remounted(phase: Phase, applied: Commit): Exclude<Phase, { at: "verified" }> {
  const to = (wasInterrupted(phase) ? towards(phase) : null) ?? applied;
  const head = headOf(phase);
  const running = { to, result: "running" } as const;
  return head === null ? { at: "publishing", ...running } : { at: "published", ...running, head };
}

/** What the phase says of a service that is to get `target`. */
export interface PhaseFacts
  extends Pick<Observed, "lastReloaded" | "interruptedAt" | "unfinished" | "unverified"> {
  /** A freeze came before the service was known to be well: it stays so until it is unfrozen. */
  readonly isUnproven: boolean;
}

export function factsOf(
  phase: Phase,
  { applied, target, frozen }: { applied: Commit | null; target: Commit; frozen: boolean },
): PhaseFacts {
  const rest = { lastReloaded: applied, interruptedAt: null, unfinished: false };
  if (phase.at === "verified") return { ...rest, unverified: false, isUnproven: false };
  const { at, to, result } = phase;
  const inQuestion = at === "told" && to === target;
  const isUnproven = inQuestion && result === "superseded" && frozen;
  const isOnHost = at === "publishing" || isPlaced(phase);
  return {
    lastReloaded: at === "told" && phase.head === to ? to : applied,
    interruptedAt: isOnHost ? to : null,
    unfinished: !inQuestion && (result === "running" || (at !== "told" && to === target)),
    unverified: inQuestion && !isUnproven,
    isUnproven,
  };
}

/** The daemon was stopped or killed before the deployment ended. */
export function wasInterrupted(phase: Phase): boolean {
  return phase.at !== "verified" && phase.result === "running";
}

/**
 * The commit whose files are in place: that of a deployment that was published and then failed, or is not over, counts
 * although the service was not seen well with it.
 */
export function liveCommit(phase: Phase, applied: Commit | null): Commit | null {
  return isPlaced(phase) && phase.head === phase.to ? phase.to : applied;
}
