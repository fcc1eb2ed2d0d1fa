/** The log on stderr: one readable line per entry, with sd-daemon(3) priorities under systemd. */
import { writeSync } from "node:fs";
import { harmless } from "../model/text/harmless.ts";
import { maskSecrets } from "../model/text/mask.ts";

export type Level = "debug" | "info" | "warn" | "error";

/** `service` is printed before the text, `err` with its causes after everything else. */
export interface Fields {
  readonly service?: string | undefined;
  readonly err?: unknown;
  readonly [key: string]: unknown;
}

interface Write {
  (text: string): void;
  (fields: Fields, text: string): void;
}

export type Log = Readonly<Record<Level, Write>>;

const prefixes = {
  debug: { priority: "<7>", name: "debug " },
  info: { priority: "<6>", name: "" },
  warn: { priority: "<4>", name: "warning: " },
  error: { priority: "<3>", name: "error: " },
} as const;
const causesMax = 10;

/** Logging never throws: a line that `write` cannot take is dropped. */
export function createLog(
  options: { readonly debug: boolean },
  write: (line: string) => unknown = inWholeLines((bytes) => writeSync(2, bytes)),
): Log {
  const priority = process.env.JOURNAL_STREAM !== undefined;
  const put = (level: Level, fields: Fields, text: string) => {
    try {
      write(renderLine(level, fields, text, priority));
    } catch {
      // The reader is gone (EPIPE) or slow (EAGAIN), or the disk is full (ENOSPC): there is no other place to report it.
    }
  };
  const at =
    (level: Level): Write =>
    (...entry: readonly [string] | readonly [Fields, string]) =>
      entry.length === 1 ? put(level, {}, entry[0]) : put(level, ...entry);
  return {
    debug: options.debug ? at("debug") : () => {},
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
  };
}

/** When `write` has taken only part of a line, the rest is dropped, and the next entry starts on a new line. */
export function inWholeLines(write: (bytes: Uint8Array) => number): (line: string) => void {
  let cut = false;
  return (line) => {
    let rest = Buffer.from(cut ? `\n${line}` : line);
    for (; rest.length > 0; cut = rest.length > 0) rest = rest.subarray(write(rest));
  };
}

/** `<6>grafana: deployed 1a2b took=12`, and a line break. */
export function renderLine(level: Level, fields: Fields, text: string, priority: boolean): string {
  const { service, err, ...rest } = fields;
  const parts = [
    prefixes[level].name,
    service ? `${service}: ` : "",
    text,
    ...Object.entries(rest).map(renderField),
    err instanceof Error ? ` ${renderStack(err)}` : "",
  ];
  const line = harmless(maskSecrets(parts.join("")).replaceAll("\n", " | "));
  return `${priority ? prefixes[level].priority : ""}${line}\n`;
}

function renderField([key, value]: readonly [string, unknown]): string {
  const json = toJson(value);
  return json === undefined ? "" : ` ${key}=${json}`;
}

/** Undefined for values that JSON omits. */
function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    // Circular, or a bigint.
    return String(value);
  }
}

function renderStack(error: Error): string {
  const stacks: string[] = [];
  for (let each: unknown = error; each instanceof Error && stacks.length < causesMax; each = each.cause)
    stacks.push(each.stack ?? each.message);
  return stacks.join("\ncaused by: ");
}
