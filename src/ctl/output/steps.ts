/** Shows the steps of services' deployments while the command waits. */
import { renderProgress } from "../../model/deployment/progress.ts";
import type { Session } from "../cli/definition.ts";
import { eventsOf } from "../connect/server-sent-events.ts";
import { keepFailure } from "../failure.ts";
import { type Deploying, hasNewStep, renderSeenSteps, type SeenSteps, withStep } from "./seen-steps.ts";

export interface Steps {
  /** Adds the current step as just polled; it counts only when the stream has ended. */
  readonly see: (service: string, now: Deploying) => void;
  /** The steps of the service's newest deployment; null: none was seen. */
  readonly seenSteps: (service: string) => SeenSteps | null;
  /** Whether the stream has not yet reported the end of a deployment. */
  readonly isBehind: () => boolean;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/**
 * Follows events until it is disposed. A step may be over before it can be polled, so steps come from the stream of
 * events; without a stream they come from polls.
 */
export async function watchSteps({ host, step }: Session, services: readonly string[]): Promise<Steps> {
  const trails = new Map<string, SeenSteps>();
  const underWay = new Set<string>();
  let streams = true;
  const onProgress = (service: string, now: Deploying) => {
    const before = trails.get(service) ?? null;
    const seenSteps = withStep(before, now);
    trails.set(service, seenSteps);
    // One line has room for the steps of one service.
    if (hasNewStep(before, seenSteps))
      step(`${service}: ${renderProgress({ ...now, probe: "" })}`, { everywhere: services.length > 1 });
  };
  const ended = new AbortController();
  const begun = Promise.withResolvers<void>();
  const listen = async () => {
    for await (const { event } of eventsOf(host, null, ended.signal)) {
      begun.resolve();
      if (event === null || !services.includes(event.service)) continue;
      if (event.type === "progress") onProgress(event.service, event);
      if (event.type === "progress") underWay.add(event.service);
      else if (event.type !== "state-changed") underWay.delete(event.service);
    }
  };
  const listening = listen()
    .catch(keepFailure)
    .finally(() => {
      streams = false;
      begun.resolve();
    });
  await begun.promise;
  return {
    see: (service, now) => {
      if (!streams) onProgress(service, now);
    },
    seenSteps: (service) => trails.get(service) ?? null,
    isBehind: () => streams && underWay.size > 0,
    [Symbol.asyncDispose]: async () => {
      ended.abort();
      await listening;
    },
  };
}

/** `nginx 1a2b3c4d: fetched · check (nginx -t)`. */
export function renderSteps(service: string, seenSteps: SeenSteps): string {
  return `${service} ${seenSteps[0].commit.slice(0, 8)}: ${renderSeenSteps(seenSteps)}`;
}
