/** Fires timers: the ends of freezes and the openings of gates. One loop sleeps until the first of all services. */
import type { Event } from "../model/event.ts";
import { holdOf, renderHold } from "../model/state.ts";
import type { Life } from "../platform/life.ts";
import type { Records } from "../reconcile/records.ts";
import { sleepUntilMs, type Timer, timersOf } from "../rollout/gates/timers.ts";
import type { UpstreamLoop } from "../sync/upstream-loop.ts";

const retryMs = 60_000;
/** The longest sleep that node allows; a new timer ends it early. */
const foreverMs = 2 ** 31 - 1;

interface Tools extends Life {
  readonly records: Pick<Records, "records" | "get" | "apply">;
}
type Loop = Pick<UpstreamLoop, "requestPoll" | "enqueue"> & {
  readonly group: { readonly services: readonly { readonly name: string }[] };
};

export class Timers {
  #wake = new AbortController();
  /** The openings that were fired, by service. */
  #fired: ReadonlyMap<string, number> = new Map();

  /** Wakes the loop when a timer may have changed. */
  onEvent(event: Event): void {
    if (event.type === "state-changed" || event.type === "service-removed") this.#wake.abort();
  }

  /** Runs until the daemon stops. Timers that are due when it is called fire before it first waits. */
  async run(loops: readonly Loop[], tools: Tools): Promise<void> {
    const { clock, stopping } = tools;
    while (!stopping.aborted) {
      this.#wake = new AbortController();
      const sleepMs = this.#fireAll(loops, tools);
      await clock.sleep(sleepMs, AbortSignal.any([this.#wake.signal, stopping]));
    }
  }

  /** Returns how long to sleep. */
  #fireAll(loops: readonly Loop[], tools: Tools): number {
    const { records, clock, log } = tools;
    const now = clock.now();
    const all = timersOf(records.records());
    const pending = all.filter(({ service, at }) => this.#fired.get(service) !== at.getTime());
    const later = pending.filter(({ at }) => at > now);
    try {
      for (const timer of pending) if (timer.at <= now) fire(timer, loops, tools);
    } catch (error) {
      log.error({ err: error }, "cannot do what it is time for; in a minute again");
      return retryMs;
    }
    const fired = all.filter((timer) => !later.includes(timer));
    this.#fired = new Map(fired.map(({ service, at }) => [service, at.getTime()]));
    return sleepUntilMs(later, now) ?? foreverMs;
  }
}

function fire({ service, kind }: Timer, loops: readonly Loop[], { records, clock, log }: Tools): void {
  const loop = loops.find(({ group }) => group.services.some(({ name }) => name === service));
  if (kind === "opening") {
    loop?.enqueue(service, "window");
    return;
  }
  const hold = holdOf(records.get(service).state);
  records.apply(service, { type: "freeze-expired", at: clock.now() });
  log.info(
    { service },
    `the freeze has ended${hold ? ` (${renderHold(hold)})` : ""}: it tracks its upstream again`,
  );
  loop?.requestPoll(service, "freeze-expired");
}
