/** Reads a request's body, up to a limit. */
import type { IncomingMessage } from "node:http";

export const bodyMaxBytes = 64 * 1024;

/** Null: the body is too long, and the rest is discarded. Rejects when the caller hangs up before the body is complete. */
export async function readBody(request: IncomingMessage): Promise<string | null> {
  const body = await readBytes(request, (bytes) => bytes <= bodyMaxBytes);
  return body === null ? null : body.toString("utf8");
}

/** `fits` gets the size so far, in bytes; once it returns false the result is null and the rest is discarded. */
export function readBytes(
  request: IncomingMessage,
  fits: (bytes: number) => boolean,
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
