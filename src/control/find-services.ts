/** Finds the services of this host by their names. */
import { hostname } from "node:os";
import type { Answer, Found, Refusal } from "../api/host.ts";
import { Problem } from "../model/problem.ts";
import type { Service } from "../model/service.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import type { UpstreamLoop } from "../sync/upstream-loop.ts";

/** A service with the loop of its upstream. */
export interface Placed {
  readonly loop: UpstreamLoop;
  readonly service: Service;
}

export const value = <T>(found: T): Found<T> => ({ ok: true, value: found });
const unknown = (service: string): Refusal => ({
  ok: false,
  why: "unknown",
  message: `There is no service "${service}" on host ${hostname()}; gitopperctl status lists its services`,
});
const refused = (message: string): Refusal => ({ ok: false, why: "refused", message });

export class ServiceFinder {
  readonly #known: ReadonlyMap<string, Placed>;
  /** In the order of their names. */
  readonly all: readonly Placed[];

  constructor(loops: readonly UpstreamLoop[]) {
    this.#known = new Map(
      loops.flatMap((loop) =>
        loop.group.services.map((service) => [service.name, { service, loop }] as const),
      ),
    );
    this.all = [...this.#known.values()].sort((a, b) => (a.service.name < b.service.name ? -1 : 1));
  }

  /** One, or all of them. */
  async some(name: string | null, work: (placed: readonly Placed[]) => Promise<Answer>): Promise<Answer> {
    const found = name === null ? this.all : this.all.filter(({ service }) => service.name === name);
    return name !== null && found.length === 0 ? unknown(name) : work(found);
  }

  async one<A extends Answer | Found<unknown>>(
    name: string,
    work: (loop: UpstreamLoop, service: Service) => Promise<A> | A,
  ): Promise<A | Refusal> {
    const found = this.#known.get(name);
    return found === undefined ? unknown(name) : work(found.loop, found.service);
  }

  /** For what needs the store; a problem is a refusal with its message. */
  managed<T>(
    name: string,
    work: (managed: ManagedService, loop: UpstreamLoop) => Promise<T>,
  ): Promise<Found<T>> {
    return this.one<Found<T>>(name, async (loop) => {
      const managed = loop.managed(name);
      if (managed === undefined) return refused(`${name} has not been set up yet`);
      try {
        return value(await work(managed, loop));
      } catch (error) {
        if (error instanceof Problem) return refused(error.message);
        throw error;
      }
    });
  }
}
