/** The progress of a running deployment. */
import type { Commit } from "../commit.ts";
import type { Trigger } from "./deployment.ts";

/** In the order of a deployment, which skips steps that it does not need. */
export const stepWords = ["package", "fetch", "check", "publish", "mount", "unit", "health"] as const;
export type StepWord = (typeof stepWords)[number];

export interface Progress {
  readonly service: string;
  /** The commit that is deployed. */
  readonly commit: Commit;
  readonly trigger: Trigger;
  /** The person who requested it; empty: none. */
  readonly by: string;
  readonly step: StepWord;
  /** The command of the step, such as `nginx -t` or `systemctl reload`; empty: none. */
  readonly detail: string;
  /** When the deployment began. */
  readonly since: Date;
  /** When the step began. */
  readonly stepSince: Date;
  /** The health so far, such as `healthy 4/10 s`; empty before that step. */
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
