/** A deployment that is under way, as the wire has it. */
import type { ProgressRow } from "../api/deploying-shape.ts";
import type { ServiceDetails } from "../api/shapes.ts";
import type { CommitInfo } from "../git/log.ts";
import { type Progress, renderStep } from "../model/progress.ts";

/** With what is known of the commit that goes in. */
export function deployingDetails(
  progress: Progress,
  info: CommitInfo | null,
  now: Date,
): ServiceDetails["deploying"] {
  const { commit, trigger, by, step, detail, since, stepSince, probe } = progress;
  const seconds = Math.max(0, Math.floor((now.getTime() - stepSince.getTime()) / 1_000));
  const words = { subject: info?.subject ?? null, author: info?.author ?? null };
  return { commit, ...words, trigger, by, step, detail, since: since.toISOString(), seconds, probe };
}

export function progressRow(progress: Progress, now: Date): ProgressRow {
  const { service, commit, trigger, by, step, detail, since, stepSince, probe } = progress;
  const seconds = Math.max(0, Math.floor((now.getTime() - stepSince.getTime()) / 1_000));
  const what = { commit, trigger, by, step, detail, since: since.toISOString(), seconds, probe };
  return { at: now.toISOString(), type: "progress", service, text: renderStep(progress), ...what };
}
