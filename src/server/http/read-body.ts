/** Reads a request's body, up to a limit. */
import type { IncomingMessage } from "node:http";

export const bodyMaxBytes = 64 * 1024;

/** Null: it is too long; what is left of it is read away. Rejects when the caller hangs up before it is whole. */
export async function readBody(request: IncomingMessage): Promise<string | null> {
  const body = await readBytes(request, (bytes) => bytes <= bodyMaxBytes);
  return body === null ? null : body.toString("utf8");
}

/** `fits` is asked as it grows; after the first no the answer is null, and the rest is read away. */
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
