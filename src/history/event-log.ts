/** The latest events, kept so that a reader who was away can resume. */
import { EventEmitter, once } from "node:events";
import type { Commit } from "../model/commit.ts";
import type { Progress } from "../model/deployment/progress.ts";
import { readReason, type StateReason } from "../model/reason/state-reason.ts";
import type { StateName } from "../model/state.ts";
import type { Row } from "./rows.ts";
import type { StateFile } from "./state-file.ts";

export interface KeptEvent {
  readonly id: number;
  readonly at: Date;
  readonly type: "state-changed" | "deployment-ended" | "service-removed";
  readonly service: string;
  /** For people, in one line. */
  readonly text: string;
  readonly commit: Commit | null;
  readonly state: StateName | null;
  /** The reason code; null: all is well, or an older gitopper did not record it. */
  readonly reason: StateReason | null;
}

const eventsKept = 10_000;
const batch = 100;
/** How much is buffered for a slow reader. */
const progressMax = 200;

export class EventLog {
  readonly #file: StateFile;
  readonly #bell = new EventEmitter<{ rung: []; live: [Progress] }>().setMaxListeners(0);

  constructor(file: StateFile) {
    this.#file = file;
  }

  /** Sends progress to current readers; it is not kept. */
  announce(live: Progress): void {
    this.#bell.emit("live", live);
  }

  append(event: Omit<KeptEvent, "id">): void {
    const { at, type, service, text, commit, state, reason } = event;
    const insert = `
      INSERT INTO events (at, type, service, text, "commit", state, reason) VALUES (?, ?, ?, ?, ?, ?, ?)`;
    const row = [at.getTime(), type, service, text, commit, state, reason];
    const { lastInsertRowid: id } = this.#file.sql(insert).run(...row);
    this.#file.sql("DELETE FROM events WHERE id <= ?").run(Number(id) - eventsKept);
    // Later: the event may be part of an uncommitted transaction.
    setImmediate(() => this.#bell.emit("rung"));
  }

  /** Oldest first, with an id above `after`. */
  list({ after, limit, service }: { after: number; limit: number; service: string | null }): KeptEvent[] {
    return this.#file
      .sql("SELECT * FROM events WHERE id > ? AND (?2 IS NULL OR service = ?2) ORDER BY id LIMIT ?3")
      .all(after, service, limit)
      .map(readEvent);
  }

  /**
   * Events after `after`, then every new one, until aborted, with progress in between. A slow reader costs little: it
   * misses progress.
   */
  async *follow(after: number, signal: AbortSignal): AsyncGenerator<KeptEvent | Progress> {
    let last = Math.min(after, this.newest());
    let made: Progress[] = [];
    const onProgress = (progress: Progress) => {
      made = [...made.slice(-progressMax), progress];
      this.#bell.emit("rung");
    };
    this.#bell.on("live", onProgress);
    try {
      while (!signal.aborted) {
        const rung = once(this.#bell, "rung", { signal }).catch(() => {});
        const events = this.list({ after: last, limit: batch, service: null });
        // Progress from before a kept event comes before it.
        const progress = made;
        made = [];
        yield* progress;
        for (const event of events) {
          yield event;
          last = event.id;
        }
        if (events.length < batch && made.length === 0) await rung;
      }
    } finally {
      this.#bell.off("live", onProgress);
    }
  }

  /** The id of the newest event; 0 before the first. */
  newest(): number {
    return Number(this.#file.sql("SELECT max(id) AS id FROM events").get()?.id ?? 0);
  }
}

/** The columns have the names and types of the fields, but for these two. */
function readEvent(row: Row): KeptEvent {
  const { at, reason } = row;
  return {
    ...(row as unknown as KeptEvent),
    at: new Date(Number(at)),
    reason: reason === null ? null : readReason(reason),
  };
}
