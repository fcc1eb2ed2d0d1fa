/** How the program writes to its standard streams. */
import { harmless } from "../model/text/harmless.ts";
import { StartFailure } from "./setup.ts";

/** Resolves when the reader has all of it, or has gone. */
export function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve) => {
    stream.once("error", () => resolve());
    stream.write(text, () => resolve());
  });
}

/** An error for people: one line each. */
export function linesOf(error: unknown): readonly string[] {
  if (error instanceof StartFailure) return error.lines;
  return [error instanceof Error ? error.message : String(error)];
}

/** Lines for stderr, with the name of the program. */
export function failureLines(lines: readonly string[]): string {
  return lines.map((line) => `gitopper: ${harmless(line)}\n`).join("");
}
