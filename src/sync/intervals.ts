/** When each service is to get new commits: one look at upstream serves those whose interval has passed. */
import type { Tips } from "../git/types.ts";
import type { Service } from "../model/service.ts";
import type { UpstreamView } from "../rollout/target.ts";

/** Timers may go off a little early. */
const early = 0.99;

/** When the last look at a service ended, and when the next one begins. */
export interface PollTimes {
  /** One is under way, or asked for. */
  readonly busy: boolean;
  readonly lookedAt: Date | null;
  readonly nextLookAt: Date | null;
}

export class Intervals {
  /** How often upstream has to be looked at, in ms. */
  readonly shortestMs: number;
  readonly #everyMs: ReadonlyMap<string, number>;
  /** When each was given which tips, by the monotonic clock. */
  readonly #given = new Map<string, { readonly tips: Tips; readonly atMs: number }>();

  /** `everyMs`: of services that have no interval of their own. */
  constructor(services: readonly Pick<Service, "name" | "intervalMs">[], everyMs: number) {
    this.#everyMs = new Map(services.map(({ name, intervalMs }) => [name, intervalMs ?? everyMs]));
    this.shortestMs = Math.min(...this.#everyMs.values());
  }

  isTime(service: string, nowMs: number): boolean {
    return this.remainingMs(service, nowMs) === 0;
  }

  given({ name }: Pick<Service, "name">, tips: Tips, nowMs: number): void {
    this.#given.set(name, { tips, atMs: nowMs });
  }

  /** What the service is to know of upstream: a turn for its drift brings it nothing before its time. */
  viewOf({ name }: Pick<Service, "name">, view: UpstreamView): UpstreamView {
    const given = this.#given.get(name);
    return view.is === "known" && given !== undefined ? { ...view, tips: given.tips } : view;
  }

  /** How long until a look is for this service too, in ms; every look is for those with the shortest interval. */
  remainingMs(service: string, nowMs: number): number {
    const given = this.#given.get(service);
    const everyMs = this.#everyMs.get(service) ?? 0;
    return given === undefined || everyMs <= this.shortestMs
      ? 0
      : Math.max(0, given.atMs + everyMs * early - nowMs);
  }
}
