/** The polling interval of each service: one poll serves all services whose interval has passed. */
import type { Tips } from "../../git/types.ts";
import type { Service } from "../../model/service.ts";
import type { UpstreamView } from "../../rollout/target.ts";

/** Timers may fire a little early. */
const early = 0.99;

export class Intervals {
  /** The shortest interval of all services, in ms. */
  readonly shortestMs: number;
  readonly #everyMs: ReadonlyMap<string, number>;
  /** When each was given which tips, by the monotonic clock. */
  readonly #given = new Map<string, { readonly tips: Tips; readonly atMs: number }>();

  /** `everyMs`: of services that have no interval of their own. */
  constructor(services: readonly Pick<Service, "name" | "intervalMs">[], everyMs: number) {
    this.#everyMs = new Map(services.map(({ name, intervalMs }) => [name, intervalMs ?? everyMs]));
    this.shortestMs = Math.min(...this.#everyMs.values());
  }

  given({ name }: Pick<Service, "name">, tips: Tips, nowMs: number): void {
    this.#given.set(name, { tips, atMs: nowMs });
  }

  /** The tips for the service: a reconcile of its drift brings no new commit before its interval has passed. */
  viewOf({ name }: Pick<Service, "name">, view: UpstreamView): UpstreamView {
    const given = this.#given.get(name);
    return view.is === "known" && given !== undefined ? { ...view, tips: given.tips } : view;
  }

  /** Until a poll serves this service too, in ms; every poll serves those with the shortest interval. */
  remainingMs(service: string, nowMs: number): number {
    const given = this.#given.get(service);
    const everyMs = this.#everyMs.get(service) ?? 0;
    return given === undefined || everyMs <= this.shortestMs
      ? 0
      : Math.max(0, given.atMs + everyMs * early - nowMs);
  }
}
