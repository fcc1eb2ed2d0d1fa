/** A config error with its line. */
import { type Findings, renderKey } from "./finding.ts";
import { createLocate } from "./locate.ts";

export interface ConfigError {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** Such as `services[1].dirs[0].link`; empty: the whole text. */
  readonly key: string;
  /** What is wrong, and what would be right. */
  readonly message: string;
}

/** One line: `config.toml:12:3: services[1].dirs[0].link: "../x" leaves the repository; use …`. */
export function renderConfigError(path: string, error: ConfigError): string {
  const { line, column, key, message } = error;
  return [`${path}:${line}:${column}`, key, message].filter(Boolean).join(": ");
}

/** The findings in a file, one line each, in the order of the text. */
export async function renderFindings(
  { path, text }: { readonly path: string; readonly text: string },
  findings: Findings,
): Promise<readonly string[]> {
  if (findings.list.length === 0) return [];
  const errors = await toConfigErrors(findings, text);
  return errors.map((error) => renderConfigError(path, error));
}

/** The findings with their positions, in the order of the text. */
export async function toConfigErrors({ list }: Findings, text: string): Promise<readonly ConfigError[]> {
  const locate = await createLocate(text);
  const errors = list.map(({ path, message, other }) => ({
    ...locate(path),
    key: renderKey(path),
    message: other === null ? message : `${message} (see line ${locate(other).line})`,
  }));
  return errors.sort((a, b) => a.line - b.line || a.column - b.column);
}
