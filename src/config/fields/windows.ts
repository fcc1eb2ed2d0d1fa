/** Parses the `[[windows]]` of the config. */
import type { Window } from "../../model/window.ts";
import { quote } from "../errors/finding.ts";
import { didYouMean } from "../errors/nearest.ts";
import type { ConfigFile, WindowFile } from "../file.ts";
import { spanWithin } from "./spans.ts";
import type { Table } from "./table.ts";
import { accept, oneOf, type Parsed, refuse } from "./values/parsed.ts";

const windowsMax = 1_000;
const durationMaxMs = 7 * 86_400_000;

type ParseCron = typeof import("../../model/cron.ts").parseCron;

/** Parses and checks them; complete only when nothing was reported. */
export async function readWindows(config: Table<ConfigFile>): Promise<readonly Window[]> {
  const windows = config.tables("windows");
  if (windows.length === 0) return [];
  if (windows.length > windowsMax) {
    config.report("windows", `has ${windows.length} windows; use at most ${windowsMax}`);
    return [];
  }
  // Loads croner only for hosts with windows.
  const { parseCron } = await import("../../model/cron.ts");
  const names = serviceNames(config);
  return windows.flatMap((window) => {
    noteServices(window, names);
    return readWindow(window, parseCron) ?? [];
  });
}

const advice = {
  kind: 'use "allow" (commits go in only then) or "deny" (they do not then)',
  start: 'give a cron expression, such as "0 2 * * MON-FRI"',
  duration: 'give how long it lasts, such as "2h30m"',
};

const parseSpan = spanWithin(1, durationMaxMs, advice.duration);

function readWindow(window: Table<WindowFile>, parseCron: ParseCron): Window | null {
  const { name, services = null } = window.file;
  const kind = window.required("kind", parseKind, advice.kind);
  const timezone = window.optional("timezone", parseZone) ?? "UTC";
  const start = window.required("start", (text) => parseStart(text, timezone, parseCron), advice.start);
  const durationMs = window.required("duration", parseSpan, advice.duration);
  if (kind === null || start === null || durationMs === null) return null;
  return { name: name || null, kind, start, durationMs, timezone, services };
}

const parseKind = oneOf(["allow", "deny"], (text) => `${text} is not a kind of window; ${advice.kind}`);

function parseZone(text: string): Parsed<string> {
  const why = `${quote(text)} is not a time zone; use an IANA name, such as "Europe/Amsterdam"`;
  // Intl accepts offsets too, but croner and people need a zone with daylight saving time.
  if (!/^[A-Za-z]/.test(text)) return refuse(why);
  try {
    new Intl.DateTimeFormat("en", { timeZone: text });
    return accept(text);
  } catch {
    return refuse(why);
  }
}

function parseStart(text: string, timezone: string, parseCron: ParseCron): Parsed<string> {
  try {
    if (parseCron(text, timezone).after(new Date(0)) !== null) return accept(text);
    return refuse(`${quote(text)} is never: there is no such day; ${advice.start}`);
  } catch (error) {
    const fault = (error instanceof Error ? error.message : "").replace(/^Cron\w+: /, "");
    return refuse(
      `${quote(text)} is not a cron expression of five fields (${quote(fault).slice(1, -1)}); ${advice.start}`,
    );
  }
}

/** The service names of all hosts; null: unknown, because some entries were invalid and reported. */
function serviceNames({ file, findings }: Table<ConfigFile>): ReadonlySet<string> | null {
  const names = (file.services ?? []).map(({ service }) => service);
  const setAside = findings.list.some(({ path }) => path[0] === "services" && path.length < 3);
  return setAside || names.includes(undefined) ? null : new Set(names.flatMap((name) => name ?? []));
}

function noteServices(window: Table<WindowFile>, names: ReadonlySet<string> | null): void {
  const { services = [] } = window.file;
  if (window.file.services?.length === 0)
    window.report("services", "is empty; name services, or drop the key for all of them");
  for (const [index, name] of services.entries()) {
    if (names === null || names.has(name)) continue;
    const remedy = didYouMean(name, [...names], "name the service of a [[services]] entry");
    window.report(["services", index], `${quote(name)} is not a service of this config; ${remedy}`);
  }
}
