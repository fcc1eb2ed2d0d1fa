/** The steps of a deployment as they were seen: what is done, and what is being done. Pure. */
import type { ServiceDetails } from "../../api/shapes.ts";
import { renderStep } from "../../model/progress.ts";

export type Deploying = NonNullable<ServiceDetails["deploying"]>;

/** Each step once, in the order in which it was begun; the last one is under way. */
export type SeenSteps = readonly [Deploying, ...Deploying[]];

/** More than a deployment has. */
const stepsMax = 50;

/** The steps with what is heard now; a deployment that follows another one starts a trail of its own. */
export function withStep(steps: SeenSteps | null, now: Deploying): SeenSteps {
  const [first] = steps ?? [];
  if (steps === null || first?.since !== now.since || first.commit !== now.commit) return [now];
  const index = steps.findLastIndex((step) => isSameStep(step, now));
  // What was asked for and what is streamed overtake each other: an older step does not come again.
  if (index !== -1 && index < steps.length - 1) return steps;
  const [head, ...rest] = steps;
  if (rest.length + 1 >= stepsMax && index === -1) return steps;
  if (index === 0) return [now];
  return index === -1 ? [head, ...rest, now] : [head, ...rest.slice(0, -1), now];
}

/** Whether the trail's last step is one that the other did not have. */
export function hasNewStep(before: SeenSteps | null, after: SeenSteps): boolean {
  return before === null || before[0].since !== after[0].since || before.length < after.length;
}

function isSameStep(one: Deploying, other: Deploying): boolean {
  return one.step === other.step && one.detail === other.detail;
}

/** `fetched · checked (nginx -t) · live · reloaded · healthy 4/10 s`. */
export function renderSeenSteps(steps: SeenSteps): string {
  const now = steps.at(-1) ?? steps[0];
  return [...steps.slice(0, -1).map(renderDone), renderNow(now)].filter(isNew).join(" · ");
}

/** `fetched · checked (nginx -t) · live · reloaded · healthy`, of a deployment that went well. */
export function renderCompletedSteps(steps: SeenSteps): string {
  return steps.map(renderDone).filter(isNew).join(" · ");
}

/** Of a deployment that has ended one way or the other: what the probes said on the way no longer matters. */
export function renderEndedSteps(steps: SeenSteps): string {
  const last = steps.at(-1) ?? steps[0];
  return [...steps.slice(0, -1).map(renderDone), renderNow({ ...last, probe: "" })].filter(isNew).join(" · ");
}

/** Several steps of the machine may be one for people. */
function isNew(text: string, index: number, all: readonly string[]): boolean {
  return text !== all[index - 1];
}

function renderNow(now: Deploying): string {
  return now.probe === "" ? renderStep(now) : now.probe;
}

const stepTexts: Readonly<Record<string, string>> = {
  "systemctl daemon-reload": "units read again",
  "systemctl reload": "reloaded",
  "systemctl restart": "restarted",
  "systemctl start": "started",
};

function renderDone({ step, detail }: Deploying): string {
  const withDetail = (word: string) => (detail === "" ? word : `${word} (${detail})`);
  switch (step) {
    case "package":
      return withDetail("installed");
    case "fetch":
      return "fetched";
    case "check":
      return withDetail("checked");
    case "publish":
      return "live";
    case "mount":
      return "mounted";
    case "unit":
      return stepTexts[detail] ?? withDetail("unit told");
    case "health":
      return "healthy";
  }
}
