/** Shows the steps of a service's deployments while something is waited for. */
import { renderProgress } from "../model/progress.ts";
import type { Session } from "./definition.ts";
import { eventsOf } from "./event-stream.ts";
import { Failure } from "./failure.ts";
import { type Deploying, goOn, hasNewStep, renderTrail, type Trail } from "./trail.ts";

export interface Steps {
  /** What is being done, as it was just asked for: it counts only where the stream has ended. */
  readonly see: (now: Deploying) => void;
  /** Of the newest deployment; null: none was seen. */
  readonly trail: () => Trail | null;
  /** Whether the stream has yet to tell how the deployment ended. */
  readonly isBehind: () => boolean;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/**
 * Listens from now on, and ends with its scope. A step may be over before it can be asked for, so it is the stream of
 * events that tells of steps; without a stream there is what is asked for.
 */
export async function watchSteps({ host, step }: Session, service: string): Promise<Steps> {
  let trail: Trail | null = null;
  let underWay = false;
  let streams = true;
  const hear = (now: Deploying) => {
    const before = trail;
    trail = goOn(trail, now);
    if (hasNewStep(before, trail)) step(`${service}: ${renderProgress({ ...now, probe: "" })}`);
  };
  const ended = new AbortController();
  const begun = Promise.withResolvers<void>();
  const listen = async () => {
    for await (const { event } of eventsOf(host, null, ended.signal)) {
      begun.resolve();
      if (event?.service !== service) continue;
      if (event.type === "progress") hear(event);
      if (event.type !== "state-changed") underWay = event.type === "progress";
    }
  };
  const listening = listen()
    .catch(orNone)
    .finally(() => {
      streams = false;
      begun.resolve();
    });
  await begun.promise;
  return {
    see: (now) => {
      if (!streams) hear(now);
    },
    trail: () => trail,
    isBehind: () => streams && underWay,
    [Symbol.asyncDispose]: async () => {
      ended.abort();
      await listening;
    },
  };
}

/** `nginx 1a2b3c4d: fetched · check (nginx -t)`. */
export function renderSteps(service: string, trail: Trail): string {
  return `${service} ${trail[0].commit.slice(0, 8)}: ${renderTrail(trail)}`;
}

function orNone(error: unknown): void {
  if (!(error instanceof Failure)) throw error;
}
