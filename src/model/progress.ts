/** What a deployment that is under way is doing. */
import type { Commit } from "./commit.ts";
import type { Trigger } from "./deployment.ts";

/** In the order in which a deployment comes to them; it passes over those that it does not need. */
export const stepWords = ["package", "fetch", "check", "publish", "mount", "unit", "health"] as const;
export type StepWord = (typeof stepWords)[number];

export interface Progress {
  readonly service: string;
  /** The commit that goes in. */
  readonly commit: Commit;
  readonly trigger: Trigger;
  /** The person whose request it is; empty: it is none. */
  readonly by: string;
  readonly step: StepWord;
  /** What is run for it, such as `nginx -t` or `systemctl reload`; empty: nothing to add. */
  readonly detail: string;
  /** When the deployment began. */
  readonly since: Date;
  /** When the step began. */
  readonly stepSince: Date;
  /** What is known of the service's health, such as `healthy 4/10 s`; empty before that step. */
  readonly probe: string;
}

/** `deploying 1a2b3c4d: health, healthy 4/10 s`. */
export function renderProgress(
  progress: { readonly commit: string } & Pick<Progress, "step" | "detail" | "probe">,
): string {
  return `deploying ${progress.commit.slice(0, 8)}: ${renderStep(progress)}`;
}

/** `check (nginx -t)`. */
export function renderStep({ step, detail, probe }: Pick<Progress, "step" | "detail" | "probe">): string {
  const what = detail === "" ? step : `${step} (${detail})`;
  return probe === "" ? what : `${what}, ${probe}`;
}
