/** The log on stderr: one readable line an entry, with sd-daemon(3) priorities under systemd. */
import { writeSync } from "node:fs";
import pino, { type Logger } from "pino";
import { maskSecrets } from "../model/mask.ts";

export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

const priorities: Readonly<Record<number, string>> = { 20: "<7>", 30: "<6>", 40: "<4>", 50: "<3>" };
const names: Readonly<Record<number, string>> = { 20: "debug ", 30: "", 40: "warning: ", 50: "error: " };

/** Logging never throws: a line that `write` cannot take is lost. */
export function createLog(
  options: { debug: boolean },
  write: (line: string) => unknown = (line) => writeSync(2, line),
): Log {
  const underSystemd = process.env.JOURNAL_STREAM !== undefined;
  const sink = (json: string) => {
    try {
      write(renderLine(json, underSystemd));
    } catch {
      // Its reader has gone (EPIPE) or is slow (EAGAIN), and there is nobody else to tell.
    }
  };
  return pino({ level: options.debug ? "debug" : "info", base: null, timestamp: false }, { write: sink });
}

/** Turns pino's JSON line into `<6>grafana: deployed 1a2b took=12`. */
export function renderLine(json: string, priority: boolean): string {
  const { level, msg, service, err, ...rest } = JSON.parse(json) as Record<string, unknown>;
  const number = Number(level);
  const fields = Object.entries(rest).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
  const stack = err && typeof err === "object" && "stack" in err ? ` ${String(err.stack)}` : "";
  const text = `${names[number] ?? ""}${service ? `${service}: ` : ""}${msg ?? ""}${fields.join("")}${stack}`;
  return `${priority ? (priorities[number] ?? "") : ""}${maskSecrets(text).replaceAll("\n", " | ")}\n`;
}
