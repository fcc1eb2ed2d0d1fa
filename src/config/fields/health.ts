/** Parses health settings: `settle`, `on_failure` and `[[services.health]]`. */
import type { Argv, Health, Probe, ProbeKind } from "../../model/service.ts";
import { renderDuration } from "../../model/text/duration.ts";
import { type Findings, type Path, quote } from "../errors/finding.ts";
import type { GlobalFile, ProbeFile, ServiceFile } from "../file.ts";
import { readArgv } from "./commands.ts";
import { createFields } from "./fields.ts";
import { spanWithin } from "./spans.ts";
import { parseUnitName } from "./values/names.ts";
import { accept, oneOf, type Parsed, refuse } from "./values/parsed.ts";

const hourMs = 3_600_000;
const settle = spanWithin(0, hourMs, 'give how long a unit has to stay well, such as "10s"');
const span = spanWithin(10, hourMs, 'give a time, such as "5s"');

/** Each is a key of `[[services.health]]`. */
export const probeKinds = ["http", "tcp", "command", "unit"] as const satisfies readonly ProbeKind["kind"][];
const listed = `${probeKinds.slice(0, -1).join(", ")} and ${probeKinds.at(-1)}`;
const probeDefaults = { intervalMs: 1_000, timeoutMs: 5_000, status: 200 };

/** Parses the keys that [global] and a service share. */
export function readSettling(
  file: Pick<GlobalFile, "settle" | "on_failure">,
  { at, fallback, findings }: { at: Path; fallback: Health; findings: Findings },
): Health {
  const fields = createFields(file, at, findings);
  return {
    settleMs: fields.optional("settle", settle) ?? fallback.settleMs,
    onFailure: fields.optional("on_failure", parseOnFailure) ?? fallback.onFailure,
    probes: fallback.probes,
  };
}

/** Adds a service's probes to its health settings. */
export function readHealth(
  file: ServiceFile,
  context: { at: Path; fallback: Health; findings: Findings },
): Health {
  const { at, findings } = context;
  const settling = readSettling(file, context);
  const probes = (file.health ?? []).flatMap(
    (probe, index) => readProbe(probe, [...at, "health", index], settling.settleMs, findings) ?? [],
  );
  return { ...settling, probes };
}

const parseOnFailure = oneOf(
  ["rollback", "stay"],
  (text) => `${text} is not what can be done; use "rollback" or "stay"`,
);

function readProbe(file: ProbeFile, at: Path, settleMs: number, findings: Findings): Probe | null {
  const fields = createFields(file, at, findings);
  const intervalMs = fields.optional("interval", span) ?? probeDefaults.intervalMs;
  const timeoutMs = fields.optional("timeout", span) ?? probeDefaults.timeoutMs;
  const deadlineMs = fields.optional("deadline", span) ?? Math.max(settleMs, timeoutMs);
  if (settleMs < intervalMs) findings.add(at, tooShort(settleMs, intervalMs));
  const kind = readKind(file, at, findings);
  return kind && { ...kind, intervalMs, timeoutMs, deadlineMs };
}

/** The first answer may come from the process before the change. */
function tooShort(settleMs: number, intervalMs: number): string {
  const [settle, interval] = [settleMs, intervalMs].map(renderDuration);
  return `is asked every ${interval}, and settle is ${settle}: there is no time for a second answer; give settle = "${interval}" or more, or a shorter interval`;
}

function readKind(file: ProbeFile, at: Path, findings: Findings): ProbeKind | null {
  const [kind, ...others] = probeKinds.filter((key) => file[key] !== undefined && file[key] !== "");
  if (kind === undefined || others.length > 0) {
    const has = kind === undefined ? "none" : [kind, ...others].join(" and ");
    findings.add(at, `has ${has} of ${listed}; give exactly one`);
    return null;
  }
  for (const key of ["status", "body"] as const)
    if (kind !== "http" && file[key] !== undefined)
      findings.add([...at, key], `is for http probes; take it out`);
  return readers[kind](file, at, findings);
}

type ReadKind = (file: ProbeFile, at: Path, findings: Findings) => ProbeKind | null;

const readers: Readonly<Record<ProbeKind["kind"], ReadKind>> = {
  http: (file, at, findings) => {
    const fields = createFields(file, at, findings);
    const url = fields.optional("http", parseUrl);
    const status = file.status ?? probeDefaults.status;
    if (status < 100 || status > 599)
      findings.add([...at, "status"], `${status} is not an HTTP status; use one such as 200`);
    const body = fields.optional("body", parsePattern);
    return url === null ? null : { kind: "http", url, status, body };
  },
  tcp: (file, at, findings) => {
    const address = createFields(file, at, findings).optional("tcp", parseAddress);
    return address && { kind: "tcp", ...address };
  },
  command: (file, at, findings) => {
    const argv: Argv | null = readArgv(file.command ?? [], [...at, "command"], findings);
    return argv && { kind: "command", argv };
  },
  unit: (file, at, findings) => {
    const unit = createFields(file, at, findings).optional("unit", parseUnitName);
    return unit === null ? null : { kind: "unit", unit };
  },
};

function parseUrl(text: string): Parsed<string> {
  const right = 'use one such as "http://127.0.0.1:8080/health"';
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    return refuse(`${quote(text)} is not an http:// or https:// URL; ${right}`);
  return url.username || url.password
    ? refuse("has a user or a password; probe something that needs none")
    : accept(text);
}

function parsePattern(text: string): Parsed<string> {
  try {
    new RegExp(text);
    return accept(text);
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^.*: /s, "") : "";
    return refuse(`${quote(text)} is not a regular expression (${why}); use one such as "ok|ready"`);
  }
}

function parseAddress(text: string): Parsed<{ host: string; port: number }> {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  return host !== undefined && port >= 1 && port <= 65_535
    ? accept({ host, port })
    : refuse(`${quote(text)} is not a host and a port; use one such as "127.0.0.1:5432"`);
}
