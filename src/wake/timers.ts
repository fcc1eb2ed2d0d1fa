/** One loop for what the clock alone sets off: it sleeps until the first alarm of all services, and does nothing else. */
import type { Event } from "../model/event.ts";
import { holdOf, renderHold } from "../model/state.ts";
import type { Context } from "../reconcile/context.ts";
import { type Alarm, alarmsOf, sleepUntilMs } from "../rollout/gates/timers.ts";
import type { UpstreamLoop } from "../sync/upstream-loop.ts";

const retryMs = 60_000;
/** The longest that a timer can be set to; a new alarm ends it early. */
const foreverMs = 2 ** 31 - 1;

type Hands = Pick<Context, "ledger" | "clock" | "log" | "stopping">;
type Loop = Pick<UpstreamLoop, "ask" | "nudge"> & {
  readonly group: { readonly services: readonly { readonly name: string }[] };
};

export class Alarms {
  #wake = new AbortController();
  /** Openings that the services have been told of, by service: what comes of it is their business. */
  #rung: ReadonlyMap<string, number> = new Map();

  /** Wakes the loop when an alarm may have been set or put off. */
  onEvent(event: Event): void {
    if (event.type === "state-changed" || event.type === "service-removed") this.#wake.abort();
  }

  /** Runs until the daemon stops. What is due when it is called has been set off before it first waits. */
  async run(loops: readonly Loop[], hands: Hands): Promise<void> {
    const { clock, stopping } = hands;
    while (!stopping.aborted) {
      this.#wake = new AbortController();
      const sleepMs = this.#ringAll(loops, hands);
      await clock.sleep(sleepMs, AbortSignal.any([this.#wake.signal, stopping]));
    }
  }

  /** Answers how long to sleep. */
  #ringAll(loops: readonly Loop[], hands: Hands): number {
    const { ledger, clock, log } = hands;
    const now = clock.now();
    const all = alarmsOf(ledger.records());
    const pending = all.filter(({ service, at }) => this.#rung.get(service) !== at.getTime());
    const due = pending.filter(({ at }) => at <= now);
    try {
      for (const alarm of due) ring(alarm, loops, hands);
    } catch (error) {
      log.error({ err: error }, "cannot do what it is time for; in a minute again");
      return retryMs;
    }
    const told = all.filter((alarm) => !pending.includes(alarm) || due.includes(alarm));
    this.#rung = new Map(told.map(({ service, at }) => [service, at.getTime()]));
    return (
      sleepUntilMs(
        pending.filter((alarm) => !due.includes(alarm)),
        now,
      ) ?? foreverMs
    );
  }
}

function ring({ service, kind }: Alarm, loops: readonly Loop[], { ledger, clock, log }: Hands): void {
  const loop = loops.find(({ group }) => group.services.some(({ name }) => name === service));
  if (kind === "opening") {
    loop?.nudge(service, "window");
    return;
  }
  const hold = holdOf(ledger.get(service).state);
  ledger.apply(service, { type: "thaw", at: clock.now() });
  log.info(
    { service },
    `the freeze has ended${hold ? ` (${renderHold(hold)})` : ""}: it tracks its upstream again`,
  );
  loop?.ask(service, "thaw");
}
