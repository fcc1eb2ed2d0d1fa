/** A running deployment, in the shapes of the API. */
import type { ProgressRow } from "../api/event-shapes.ts";
import type { ServiceDetails } from "../api/shapes.ts";
import type { CommitInfo } from "../git/history/log.ts";
import { type Progress, renderStep } from "../model/deployment/progress.ts";
import type { Clock } from "../platform/clock.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";

/** With subject and author of its commit. */
export async function deployingDetails(
  progress: Progress,
  history: Pick<ManagedService["history"], "info">,
  clock: Clock,
): Promise<ServiceDetails["deploying"]> {
  const info = await history.info(progress.commit);
  return { ...shownStep(progress, clock.now()), ...wordsOf(info) };
}

/** Subject and author of a commit; null when it is unknown. */
export function wordsOf(info: CommitInfo | null) {
  return { subject: info?.subject ?? null, author: info?.author ?? null };
}

export function progressRow(progress: Progress, now: Date): ProgressRow {
  const { service } = progress;
  const text = renderStep(progress);
  return { at: now.toISOString(), type: "progress", service, text, ...shownStep(progress, now) };
}

function shownStep({ commit, trigger, by, step, detail, since, stepSince, probe }: Progress, now: Date) {
  const seconds = Math.max(0, Math.floor((now.getTime() - stepSince.getTime()) / 1_000));
  return { commit, trigger, by, step, detail, since: since.toISOString(), seconds, probe };
}
