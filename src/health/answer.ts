/** What a probe was answered with, and how it is told in a line. */

export type Answer =
  | { readonly good: true }
  /** `saw`: goes on from the probe's name, as `answered 503 instead of 200` does. */
  | {
      readonly good: false;
      readonly saw: string;
      readonly output: string;
      /** It could not be asked, for a reason that is the host's. */
      readonly byHost?: boolean;
    };

export const good: Answer = { good: true };

/** What is kept of an answer. */
const outputMaxBytes = 4 * 1024;
const lineMaxChars = 200;

export function bad(saw: string, output: string | Buffer = "", { byHost = false } = {}): Answer {
  return { good: false, saw: oneLine(saw), output: tailOf(output), ...(byHost && { byHost }) };
}

/** Others wrote it: no line breaks, no control characters, and not too much. */
export function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\s]+/gu, " ").trim();
  return line.length > lineMaxChars ? `${line.slice(0, lineMaxChars - 1)}…` : line;
}

/** The end of it, from a character's beginning on. */
function tailOf(output: string | Buffer): string {
  const bytes = Buffer.from(output);
  const tail = bytes.subarray(Math.max(0, bytes.length - outputMaxBytes));
  // Bytes 10xxxxxx go on with a character that was cut.
  const start = tail.findIndex((byte) => (byte & 0xc0) !== 0x80);
  return tail.subarray(bytes.length > tail.length ? Math.max(0, start) : 0).toString("utf8");
}

/** A network's failure in words. */
export function networkFailure(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ECONNREFUSED") return "refused the connection";
  if (code === "ECONNRESET" || code === "EPIPE") return "broke the connection off";
  const message = error instanceof Error ? error.message : String(error);
  return `failed: ${message || code}`;
}
