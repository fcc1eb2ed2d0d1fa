/** Parses the `[[windows]]` of the config. */
import type { Window } from "../../model/window.ts";
import { type Findings, type Path, quote } from "../errors/finding.ts";
import { nearest } from "../errors/nearest.ts";
import type { ConfigFile, WindowFile } from "../file.ts";
import { createFields } from "./fields.ts";
import { spanWithin } from "./spans.ts";
import { accept, oneOf, type Parsed, refuse } from "./values/parsed.ts";

const windowsMax = 1_000;
const durationMaxMs = 7 * 86_400_000;
const utc = "UTC";

type ParseCron = typeof import("../../model/cron.ts").parseCron;

/** Parses and checks them; complete only when nothing was reported. */
export async function readWindows(file: ConfigFile, findings: Findings): Promise<readonly Window[]> {
  const written = file.windows ?? [];
  if (written.length === 0) return [];
  if (written.length > windowsMax) {
    findings.add(["windows"], `has ${written.length} windows; use at most ${windowsMax}`);
    return [];
  }
  // Loads croner only for hosts with windows.
  const { parseCron } = await import("../../model/cron.ts");
  const names = serviceNames(file, findings);
  return written.flatMap((window, index) => {
    const at = ["windows", index];
    noteServices(window, { at, names, findings });
    return readWindow(window, { at, findings, parseCron }) ?? [];
  });
}

const advice = {
  kind: 'use "allow" (commits go in only then) or "deny" (they do not then)',
  start: 'give a cron expression, such as "0 2 * * MON-FRI"',
  duration: 'give how long it lasts, such as "2h30m"',
};

const parseSpan = spanWithin(1, durationMaxMs, advice.duration);

function readWindow(
  file: WindowFile,
  { at, findings, parseCron }: { at: Path; findings: Findings; parseCron: ParseCron },
): Window | null {
  const fields = createFields(file, at, findings);
  const kind = fields.required("kind", parseKind, advice.kind);
  const timezone = fields.optional("timezone", parseZone);
  const zone = timezone ?? utc;
  const start = fields.required("start", (text) => parseStart(text, zone, parseCron), advice.start);
  const durationMs = fields.required("duration", parseSpan, advice.duration);
  if (kind === null || start === null || durationMs === null) return null;
  return {
    name: file.name || null,
    kind,
    start,
    durationMs,
    timezone: zone,
    services: file.services ?? null,
  };
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
function serviceNames(file: ConfigFile, findings: Findings): ReadonlySet<string> | null {
  const names = (file.services ?? []).map(({ service }) => service);
  const setAside = findings.list.some(({ path }) => path[0] === "services" && path.length < 3);
  return setAside || names.includes(undefined) ? null : new Set(names.flatMap((name) => name ?? []));
}

function noteServices(
  { services }: WindowFile,
  { at, names, findings }: { at: Path; names: ReadonlySet<string> | null; findings: Findings },
): void {
  if (services?.length === 0)
    findings.add([...at, "services"], "is empty; name services, or drop the key for all of them");
  for (const [index, name] of (services ?? []).entries()) {
    if (names === null || names.has(name)) continue;
    const meant = nearest(name, [...names]);
    const remedy =
      meant === null ? "name the service of a [[services]] entry" : `did you mean ${quote(meant)}?`;
    findings.add([...at, "services", index], `${quote(name)} is not a service of this config; ${remedy}`);
  }
}
