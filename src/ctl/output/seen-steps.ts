/** The steps of a deployment as they were seen: done, and running. Pure. */
import type { ServiceDetails } from "../../api/shapes.ts";
import { renderStep } from "../../model/deployment/progress.ts";

export type Deploying = NonNullable<ServiceDetails["deploying"]>;

/** Each step once, in order; the last one is running. */
export type SeenSteps = readonly [Deploying, ...Deploying[]];

/** More steps than a deployment has. */
const stepsMax = 50;

/** Adds the current step; a new deployment starts over. */
export function withStep(steps: SeenSteps | null, now: Deploying): SeenSteps {
  const [first] = steps ?? [];
  if (steps === null || first?.since !== now.since || first.commit !== now.commit) return [now];
  const index = steps.findLastIndex(({ step, detail }) => step === now.step && detail === now.detail);
  // Polled and streamed answers overtake each other: an older step is not added again.
  if (index !== -1 && index < steps.length - 1) return steps;
  const [head, ...rest] = steps;
  if (rest.length + 1 >= stepsMax && index === -1) return steps;
  if (index === 0) return [now];
  return index === -1 ? [head, ...rest, now] : [head, ...rest.slice(0, -1), now];
}

/** Whether the last step is new. */
export function hasNewStep(before: SeenSteps | null, after: SeenSteps): boolean {
  return before === null || before[0].since !== after[0].since || before.length < after.length;
}

/** `fetched · checked (nginx -t) · live · reloaded · healthy 4/10 s`. */
export function renderSeenSteps(steps: SeenSteps): string {
  const now = steps.at(-1) ?? steps[0];
  return [...steps.slice(0, -1).map(renderDone), now.probe || renderStep(now)].filter(isNew).join(" · ");
}

/** `fetched · checked (nginx -t) · live · reloaded · healthy`, for a successful deployment. */
export function renderCompletedSteps(steps: SeenSteps): string {
  return steps.map(renderDone).filter(isNew).join(" · ");
}

/** For an ended deployment, without the progress of its probes. */
export function renderEndedSteps([first, ...rest]: SeenSteps): string {
  return renderSeenSteps([{ ...first, probe: "" }, ...rest.map((step) => ({ ...step, probe: "" }))]);
}

/** Several internal steps may have the same text. */
function isNew(text: string, index: number, all: readonly string[]): boolean {
  return text !== all[index - 1];
}

const stepTexts: Readonly<Record<string, string>> = {
  "systemctl daemon-reload": "units read again",
  "systemctl reload": "reloaded",
  "systemctl restart": "restarted",
  "systemctl start": "started",
};

const withDetail = (word: string) => (detail: string) => (detail === "" ? word : `${word} (${detail})`);

const doneTexts: Readonly<Record<Deploying["step"], (detail: string) => string>> = {
  package: withDetail("installed"),
  fetch: () => "fetched",
  check: withDetail("checked"),
  publish: () => "live",
  mount: () => "mounted",
  unit: (detail) => stepTexts[detail] ?? withDetail("unit told")(detail),
  health: () => "healthy",
};

const renderDone = ({ step, detail }: Deploying): string => doneTexts[step](detail);
