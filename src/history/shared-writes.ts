/** Writes that come in the same turn of the event loop share one transaction: one sync to disk serves all of them. */
import { setImmediate } from "node:timers/promises";

/** Writes, and answers what follows when that is durable. */
export type Write<T> = () => () => T;

interface Waiting {
  readonly write: Write<void>;
  readonly reject: (error: unknown) => void;
}

export class SharedWrites {
  readonly #together: <T>(work: () => T) => T;
  #waiting: Waiting[] = [];

  /** `together` commits everything that its work writes, or nothing. */
  constructor(together: <T>(work: () => T) => T) {
    this.#together = together;
  }

  /** Resolves when it is durable; rejects with the error of this write alone. */
  add<T>(write: Write<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#waiting.push({ write: () => followedBy(write(), resolve, reject), reject });
    if (this.#waiting.length === 1) void setImmediate().then(() => this.#writeWaiting());
    return promise;
  }

  #writeWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (!this.#write(waiting, () => {})) for (const one of waiting) this.#write([one], one.reject);
  }

  #write(those: readonly Waiting[], onError: (error: unknown) => void): boolean {
    let follow: readonly (() => void)[];
    try {
      follow = this.#together(() => those.map(({ write }) => write()));
    } catch (error) {
      onError(error);
      return false;
    }
    for (const each of follow) each();
    return true;
  }
}

function followedBy<T>(
  follow: () => T,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): () => void {
  return () => {
    try {
      resolve(follow());
    } catch (error) {
      reject(error);
    }
  };
}
