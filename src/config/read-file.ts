/** Checks parsed TOML against the file's schema, and keeps the valid parts of a file with errors. */
import type * as z from "zod/mini";
import { type Findings, type Path, quote } from "./errors/finding.ts";
import { nearest } from "./errors/nearest.ts";
import { type ConfigFile, configFile, keysOfTables } from "./file.ts";

type Issue = z.core.$ZodIssue;
type Table = Record<string | number, unknown>;

/** The file as written; invalid keys are reported, and removed from `document`. */
export function readFile(document: unknown, findings: Findings): ConfigFile {
  const read = configFile.safeParse(document);
  if (read.success) return read.data;
  for (const issue of read.error.issues) noteIssue(document, issue, findings);
  for (const issue of read.error.issues) setAside(document, issue);
  return configFile.parse(document);
}

function noteIssue(document: unknown, issue: Issue, findings: Findings): void {
  const path = issue.path as Path;
  switch (issue.code) {
    case "unrecognized_keys":
      for (const key of issue.keys) noteUnknownKey(document, [...path, key], findings);
      return;
    case "invalid_type":
      findings.add(path, wrongType(path, issue.expected, valueAt(document, path)));
      return;
    default:
      findings.add(path, issue.message);
  }
}

function noteUnknownKey(document: unknown, path: Path, findings: Findings): void {
  const table = path.slice(0, -1);
  const key = String(path.at(-1));
  const known = keysOfTables.get(tableName(table)) ?? [];
  const meant = nearest(key, known);
  findings.add(path, `unknown key ${quote(key)}; ${adviseKey(key, meant, known)}`);
  if (meant === null) return;
  // The same error would be reported twice if the intended key then counted as missing.
  const other = [...table, meant];
  if (valueAt(document, other) === undefined) findings.excuse(other);
}

function adviseKey(key: string, meant: string | null, known: readonly string[]): string {
  if (meant !== null) return `did you mean ${quote(meant)}?`;
  const home = [...keysOfTables].find(([, keys]) => keys.includes(key))?.[0];
  return home ? `it belongs in ${renderTable(home)}` : `known here are ${known.join(", ")}`;
}

function renderTable(name: string): string {
  return /^(global|api)$|\.verify$/.test(name) ? `[${name}]` : `[[${name}]]`;
}

function wrongType(path: Path, expected: string, value: unknown): string {
  const name = tableName(path);
  const wanted: Readonly<Record<string, string>> = {
    // An element differs from the example of its list.
    string: aText(typeof path.at(-1) === "number" ? "" : name),
    boolean: "true or false",
    number: "a number",
    int: "a whole number",
    array: keysOfTables.has(name) ? aListOfTables(name) : aListOfTexts(name),
    object: aTable(name),
  };
  return `is ${describe(value)}; use ${wanted[expected] ?? expected}`;
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (value instanceof Date) return "a date";
  if (typeof value === "object") return "a table";
  return typeof value === "boolean" ? `${value}` : `a ${typeof value}`;
}

function tableName(path: Path): string {
  return path.filter((part) => typeof part === "string").join(".");
}

function setAside(document: unknown, issue: Issue): void {
  const path = issue.path as Path;
  if (issue.code === "unrecognized_keys") {
    const table = valueAt(document, path);
    for (const key of issue.keys) if (isTable(table)) delete table[key];
    return;
  }
  // Removes the whole list instead of the element, so that later errors have the right indexes.
  const end = path.findLastIndex((part) => typeof part === "string");
  const key = path[end];
  const table = valueAt(document, path.slice(0, end));
  if (key !== undefined && isTable(table)) delete table[key];
}

function valueAt(document: unknown, path: Path): unknown {
  let value = document;
  for (const part of path) value = isTable(value) ? value[part] : undefined;
  return value;
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null;
}

/** Examples by key names without list indexes: a table of a list that is usually written on one line. */
const tables: Readonly<Record<string, string>> = {
  "api.clients": '{ subject = "CN=prometheus", role = "read" }',
  "global.keys": '{ path = "ops.pub" }',
  "global.verify": '{ mode = "head", allowed_signers = "keys/allowed_signers" }',
  "services.actions": '{ path = "nginx/conf.d", action = "restart" }',
  "services.dirs": '{ local = "/etc/nginx", link = "nginx/etc" }',
  "services.verify": '{ mode = "head", allowed_signers = "keys/allowed_signers" }',
};

const commands: Readonly<Record<string, string>> = {
  "services.check": '["nginx", "-t"]',
  "services.health.command": '["/usr/local/bin/probe"]',
};

const texts: Readonly<Record<string, string>> = {
  "global.interval": '"5m"',
  "global.settle": '"10s"',
  "services.dirs.mode": '"0640"',
  "services.interval": '"5m"',
  "services.settle": '"10s"',
};

/** Begins with a comma; empty when the type says enough. */
const suchAs = (example: string | undefined): string => (example === undefined ? "" : `, such as ${example}`);

const aText = (name: string): string => `a string in quotes${suchAs(texts[name])}`;

const aTable = (name: string): string => `a table${suchAs(tables[name])}`;

const aListOfTables = (name: string): string =>
  `a list of tables${suchAs(name in tables ? `[${tables[name]}]` : `[[${name}]]`)}`;

const aListOfTexts = (name: string): string => `a list of strings${suchAs(commands[name] ?? '["nginx"]')}`;
