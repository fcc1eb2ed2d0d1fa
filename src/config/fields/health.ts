/** Parses `[[services.health]]`: the probes of a service. */
import type { Probe, ProbeKind } from "../../model/service.ts";
import { renderDuration } from "../../model/text/duration.ts";
import { quote } from "../errors/finding.ts";
import type { ProbeFile, ServiceFile } from "../file.ts";
import { readArgv } from "./commands.ts";
import { spanWithin } from "./spans.ts";
import type { Table } from "./table.ts";
import { parseUnitName } from "./values/names.ts";
import { accept, type Parsed, refuse } from "./values/parsed.ts";

const span = spanWithin(10, 3_600_000, 'give a time, such as "5s"');

/** Each is a key of `[[services.health]]`. */
export const probeKinds = ["http", "tcp", "command", "unit"] as const satisfies readonly ProbeKind["kind"][];
const listed = `${probeKinds.slice(0, -1).join(", ")} and ${probeKinds.at(-1)}`;
const probeDefaults = { intervalMs: 1_000, timeoutMs: 5_000, status: 200 };

/** The probes of a service; its unit has to stay well for `settleMs`. */
export function readProbes(service: Table<ServiceFile>, settleMs: number): readonly Probe[] {
  return service.tables("health").flatMap((probe) => readProbe(probe, settleMs) ?? []);
}

function readProbe(probe: Table<ProbeFile>, settleMs: number): Probe | null {
  const intervalMs = probe.optional("interval", span) ?? probeDefaults.intervalMs;
  const timeoutMs = probe.optional("timeout", span) ?? probeDefaults.timeoutMs;
  const deadlineMs = probe.optional("deadline", span) ?? Math.max(settleMs, timeoutMs);
  if (settleMs < intervalMs) probe.findings.add(probe.at, tooShort(settleMs, intervalMs));
  const kind = readKind(probe);
  return kind && { ...kind, intervalMs, timeoutMs, deadlineMs };
}

/** The first answer may come from the process before the change. */
function tooShort(settleMs: number, intervalMs: number): string {
  const [settle, interval] = [settleMs, intervalMs].map(renderDuration);
  return `is asked every ${interval}, and settle is ${settle}: there is no time for a second answer; give settle = "${interval}" or more, or a shorter interval`;
}

function readKind(probe: Table<ProbeFile>): ProbeKind | null {
  const { file, at, findings } = probe;
  const [kind, ...others] = probeKinds.filter((key) => file[key] !== undefined && file[key] !== "");
  if (kind === undefined || others.length > 0) {
    const has = kind === undefined ? "none" : [kind, ...others].join(" and ");
    findings.add(at, `has ${has} of ${listed}; give exactly one`);
    return null;
  }
  for (const key of ["status", "body"] as const)
    if (kind !== "http" && file[key] !== undefined) probe.report(key, `is for http probes; take it out`);
  return readers[kind](probe);
}

const readers: Readonly<Record<ProbeKind["kind"], (probe: Table<ProbeFile>) => ProbeKind | null>> = {
  http: (probe) => {
    const url = probe.optional("http", parseUrl);
    const status = probe.file.status ?? probeDefaults.status;
    if (status < 100 || status > 599)
      probe.report("status", `${status} is not an HTTP status; use one such as 200`);
    const body = probe.optional("body", parsePattern);
    return url === null ? null : { kind: "http", url, status, body };
  },
  tcp: (probe) => {
    const address = probe.optional("tcp", parseAddress);
    return address && { kind: "tcp", ...address };
  },
  command: ({ file, at, findings }) => {
    const argv = readArgv(file.command ?? [], [...at, "command"], findings);
    return argv && { kind: "command", argv };
  },
  unit: (probe) => {
    const unit = probe.optional("unit", parseUnitName);
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
