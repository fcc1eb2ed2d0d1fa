/** The progress of a running deployment, for the API and for events. */
import type { Progress, StepWord } from "../../model/deployment/progress.ts";
import type { Publish } from "../../model/event.ts";
import { harmless } from "../../model/text/harmless.ts";
import { maskSecrets } from "../../model/text/mask.ts";
import type { Clock } from "../../platform/clock.ts";

interface Tools {
  readonly clock: Clock;
  readonly publish: Publish;
}

/** The shortest time between two reports of a probe. */
const probeEveryMs = 1_000;

/** What does not change while a deployment runs. */
type Begun = Pick<Progress, "service" | "commit" | "trigger" | "by" | "since">;

export class UnderWay {
  readonly #start: Begun;
  readonly #tools: Tools;
  #progress: Progress | null = null;
  /** The last report of the probes. */
  #probeTold = "";
  #probeToldMs = Number.NEGATIVE_INFINITY;

  constructor(start: Begun, tools: Tools) {
    this.#start = start;
    this.#tools = tools;
  }

  /** Null before the first step. */
  get progress(): Progress | null {
    return this.#progress;
  }

  /** A step begins. */
  enter(step: StepWord, detail: string): void {
    const before = this.#progress;
    if (before?.step === step && before.detail === detail) return;
    const stepSince = before?.step === step ? before.stepSince : this.#tools.clock.now();
    this.#probeTold = "";
    this.#tell({ ...this.#start, step, detail, stepSince, probe: "" });
  }

  /** What is known of the health now. */
  probed(said: string): void {
    const probe = harmless(maskSecrets(said));
    if (this.#progress === null) return;
    this.#progress = { ...this.#progress, probe };
    const nowMs = this.#tools.clock.monotonicMs();
    // Compared with the last report: a change that comes too soon after it is reported later.
    if (probe === this.#probeTold || nowMs - this.#probeToldMs < probeEveryMs) return;
    this.#probeTold = probe;
    this.#probeToldMs = nowMs;
    this.#tell(this.#progress);
  }

  /** It has come to its end. */
  end(): void {
    if (this.#progress !== null)
      this.#tools.publish({ type: "progress-ended", service: this.#start.service });
    this.#progress = null;
  }

  #tell(progress: Progress): void {
    this.#progress = progress;
    this.#tools.publish({ type: "progress", progress });
  }
}

/** The deployments that are under way, by service. */
export class UnderWays {
  readonly #running = new Map<string, UnderWay>();
  readonly #tools: Tools;

  constructor(tools: Tools) {
    this.#tools = tools;
  }

  begin(start: Begun): UnderWay {
    const underWay = new UnderWay(start, this.#tools);
    this.#running.set(start.service, underWay);
    return underWay;
  }

  /** Null: no deployment of the service has begun its first step. */
  progressOf(service: string): Progress | null {
    return this.#running.get(service)?.progress ?? null;
  }

  end(service: string): void {
    this.#running.get(service)?.end();
    this.#running.delete(service);
  }
}
