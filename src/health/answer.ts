/** The result of a probe, and its description in one line. */
import { messageOf } from "../model/text/error-message.ts";
import { codeOf } from "../platform/files/write-whole.ts";

export type Answer =
  | { readonly good: true }
  /** `saw` continues after the probe's name: `answered 503 instead of 200`. */
  | {
      readonly good: false;
      readonly saw: string;
      readonly output: string;
      /** The probe could not run, for a reason of the host. */
      readonly byHost?: boolean;
    };

export const good: Answer = { good: true };

/** How much of an answer is kept, in bytes. */
const outputMaxBytes = 4 * 1024;
const lineMaxChars = 200;

export function bad(saw: string, output: string | Buffer = "", { byHost = false } = {}): Answer {
  return { good: false, saw: oneLine(saw), output: tailOf(output), ...(byHost && { byHost }) };
}

/** Untrusted text: no line breaks, no control characters, truncated. */
export function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\s]+/gu, " ").trim();
  return line.length > lineMaxChars ? `${line.slice(0, lineMaxChars - 1)}…` : line;
}

/** The end of the bytes, starting at a whole character. */
function tailOf(output: string | Buffer): string {
  const bytes = Buffer.from(output);
  const tail = bytes.subarray(Math.max(0, bytes.length - outputMaxBytes));
  // Bytes 10xxxxxx continue a character that was cut off.
  const start = tail.findIndex((byte) => (byte & 0xc0) !== 0x80);
  return tail.subarray(bytes.length > tail.length ? Math.max(0, start) : 0).toString("utf8");
}

/** A network error in words. */
export function networkFailure(error: unknown): string {
  const code = codeOf(error);
  if (code === "ECONNREFUSED") return "refused the connection";
  if (code === "ECONNRESET" || code === "EPIPE") return "broke the connection off";
  return `failed: ${messageOf(error) || (code ?? "")}`;
}
