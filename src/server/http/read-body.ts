/** Reads a request's body, up to a limit. */
import type { Readable } from "node:stream";

export const bodyMaxBytes = 64 * 1024;

/**
 * `fits` gets the size so far, in bytes; once it returns false the result is null and the rest is discarded. Rejects when
 * the caller hangs up before the body is complete.
 */
export function readBody(
  request: Readable,
  fits = (bytes: number): boolean => bytes <= bodyMaxBytes,
): Promise<Buffer | null> {
  let chunks: Buffer[] | null = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (chunks === null) return;
      if (fits(bytes)) chunks.push(chunk);
      else {
        chunks = null;
        resolve(null);
      }
    });
    request.on("end", () => resolve(Buffer.concat(chunks ?? [])));
    request.on("error", reject);
  });
}
