/** Keeps what a program writes, within bounds. */
import type { Readable } from "node:stream";

export interface Collected {
  /** Default: as UTF-8. */
  readonly text: (decode?: (bytes: Buffer) => string) => string;
  /** What it did wrong; null: it has kept within bounds. */
  readonly overflow: () => string | null;
}

const asUtf8 = (bytes: Buffer): string => bytes.toString("utf8");

/** Keeps all, up to so many bytes; what comes after them is let go. */
export function collect(
  stream: Readable | null,
  maxBytes: number,
  onOverflow: () => void = () => {},
): Collected {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream?.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
    else onOverflow();
  });
  return {
    text: (decode = asUtf8) => decode(Buffer.concat(chunks)),
    overflow: () => (bytes > maxBytes ? `wrote more than ${maxBytes} bytes` : null),
  };
}

/** Keeps the last so many bytes, of any amount. */
export function collectTail(stream: Readable | null, maxBytes: number): Collected {
  let tail: Buffer = Buffer.alloc(0);
  stream?.on("data", (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk.subarray(-maxBytes)]).subarray(-maxBytes);
  });
  return {
    // A character that was cut through at the beginning is left out.
    text: (decode = asUtf8) => decode(tail).replace(/^\uFFFD+/, ""),
    overflow: () => null,
  };
}

/** Keeps nothing. */
export function passOn(stream: Readable | null, hear: (chunk: Buffer) => void): Collected {
  stream?.on("data", hear);
  return { text: () => "", overflow: () => null };
}
