/** Collects a program's output within limits. */
import type { Readable } from "node:stream";

export type Collected = ReturnType<typeof collect>;

interface Bounds {
  readonly keep?: ((chunk: Buffer) => void) | undefined;
  /** Called after each kept chunk; true: the caller wants no more. */
  readonly enough?: ((chunk: Buffer) => boolean) | undefined;
  /** Ends the program. */
  readonly end?: () => void;
}

/** Keeps up to so many bytes, or passes them on; drops the rest. */
export function collect(stream: Readable | null, maxBytes: number, { keep, enough, end }: Bounds = {}) {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let isEnough = false;
  stream?.on("data", (chunk: Buffer) => {
    if (isEnough) return;
    bytes += chunk.length;
    if (bytes > maxBytes) return end?.();
    if (keep) keep(chunk);
    else chunks.push(chunk);
    isEnough = enough?.(chunk) ?? false;
    if (isEnough) end?.();
  });
  return {
    text: () => Buffer.concat(chunks).toString("utf8"),
    /** Which limit was exceeded; null: none. */
    overflow: () => (bytes > maxBytes ? `wrote more than ${maxBytes} bytes` : null),
    /** True: the caller has enough, and the program was ended. */
    isEnough: () => isEnough,
  };
}
