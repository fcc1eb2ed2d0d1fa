/** Reads a config in three stages: text → file as written → settings of this host. */
import { parse, TomlError } from "smol-toml";
import type { Settings } from "../model/service.ts";
import { type ConfigError, toConfigErrors } from "./errors/config-error.ts";
import { Findings } from "./errors/finding.ts";
import type { HostFacts } from "./fields/draft.ts";
import { Table } from "./fields/table.ts";
import { readFile } from "./read-file.ts";
import { toSettings } from "./settings.ts";

/** Facts that reading a config needs. */
export interface ConfigContext extends Omit<HostFacts, "answersTo"> {
  /** The names of this host. */
  readonly hosts: readonly string[];
}

export type ConfigResult =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly errors: readonly ConfigError[] };

const textMaxBytes = 1024 * 1024;

/** Reads a config; returns all errors at once, in the order of the text. */
export async function readConfig(text: string, context: ConfigContext): Promise<ConfigResult> {
  const bytes = Buffer.byteLength(text);
  if (bytes > textMaxBytes) return refuseText(`has ${bytes} bytes; a config has at most ${textMaxBytes}`);
  const document = parseText(text);
  if (!document.ok) return document;

  const findings = new Findings();
  const file = readFile(document.value, findings);
  const names = new Set(context.hosts.map((host) => host.toLowerCase()));
  const answersTo = (machine: string): boolean => names.has(machine.toLowerCase());
  const settings = await toSettings(new Table(file, [], findings), { ...context, answersTo });
  if (findings.list.length === 0) return { ok: true, settings };
  return { ok: false, errors: await toConfigErrors(findings, text) };
}

function parseText(
  text: string,
): { readonly ok: true; readonly value: unknown } | Extract<ConfigResult, { ok: false }> {
  try {
    return { ok: true, value: parse(text) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = error.message.split("\n", 1)[0]?.replace(/^Invalid TOML document: /, "") ?? "";
    const hint = reason === "invalid value" ? "; text is written in quotes, lists in [ ], tables in { }" : "";
    return refuseText(`is not valid TOML: ${reason}${hint}`, error);
  }
}

function refuseText(
  message: string,
  place: { readonly line: number; readonly column: number } = { line: 1, column: 1 },
): Extract<ConfigResult, { ok: false }> {
  return { ok: false, errors: [{ line: place.line, column: place.column, key: "", message }] };
}
