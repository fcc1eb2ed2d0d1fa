/** Renders the results of commands: of one host alone, or of several together. */
import type { Display, Result, Shown } from "../cli/definition.ts";
import { Failure } from "../failure.ts";
import type { Outcome } from "../fan-out.ts";
import { renderTable, type Table } from "./table.ts";
import type { Terminal } from "./terminal.ts";
import { roomBeside, visible, visibleJson, widthOf, wrap } from "./visible.ts";

interface Printed {
  readonly stdout: string;
  /** Lines without their line breaks. */
  readonly stderr: readonly string[];
}

/** One host: without its name. Several: with a column or a key for the host of each; failures become lines. */
export function present(outcomes: readonly Outcome<Result>[], json: boolean, width: number | null): Printed {
  const [first, ...others] = outcomes;
  return first === undefined || others.length > 0
    ? presentMany(outcomes, json, width)
    : presentOne(first.result, json, width);
}

function presentOne(result: Result | Failure, json: boolean, width: number | null): Printed {
  if (result instanceof Failure) return { stdout: "", stderr: [visible(result.message)] };
  const { shown, json: body, note } = result;
  const stdout = json ? visibleJson(body).replace(/\n?$/, "\n") : renderShown(shown, width);
  return { stdout, stderr: note ? [note] : [] };
}

function presentMany(outcomes: readonly Outcome<Result>[], json: boolean, width: number | null): Printed {
  const failed = outcomes.flatMap(({ endpoint, result }) =>
    result instanceof Failure ? [`${endpoint.name}: ${visible(result.message)}`] : [],
  );
  const notes = outcomes.flatMap(({ endpoint, result }) =>
    "note" in result && result.note ? [`${endpoint.name}: ${result.note}`] : [],
  );
  const good = outcomes.length - failed.length;
  const summary = `${outcomes.length} hosts: ${good} ok, ${failed.length} failed`;
  const stdout = json ? renderJson(outcomes) : renderTogether(outcomes, width);
  return { stdout, stderr: [...notes, ...failed, summary] };
}

function renderShown(shown: Shown, width: number | null): string {
  if ("table" in shown) return renderTable(shown.table, width);
  return "message" in shown ? `${wrapped(shown.message, width)}\n` : shown.text;
}

/** Safe for a terminal, and wrapped to its width. */
export function wrapped(text: string, width: number | null): string {
  return width === null ? visible(text) : wrap(visible(text), width).join("\n");
}

/** A line on stderr, wrapped on a terminal. */
export function remark(text: string, { progressWidth }: Pick<Terminal, "progressWidth">): string {
  return `${wrapped(`gitopperctl: ${text}`, progressWidth)}\n`;
}

/** Indents lines that are safe for a terminal, and wraps what is too wide. */
export function indented(lines: readonly string[], display: Pick<Display, "width">): string[] {
  const room = roomBeside(4, display);
  return lines
    .flatMap((line) => (widthOf(line) <= room ? [line] : wrap(line, room)))
    .map((line) => `    ${line}`);
}

/** Includes the bodies as received, because their JSON has been parsed already. */
function renderJson(outcomes: readonly Outcome<Result>[]): string {
  const members = outcomes.map(({ endpoint, result }) => {
    const body = result instanceof Failure ? JSON.stringify({ error: result.message }) : result.json.trim();
    return `  ${JSON.stringify(endpoint.name)}: ${body}`;
  });
  return `{\n${visibleJson(members.join(",\n"))}\n}\n`;
}

function renderTogether(outcomes: readonly Outcome<Result>[], width: number | null): string {
  const good = outcomes.flatMap(({ endpoint, result }) =>
    result instanceof Failure ? [] : [{ host: endpoint.name, shown: result.shown }],
  );
  if (good.every(({ shown }) => "text" in shown))
    return good.map(({ host, shown }) => `== ${visible(host)} ==\n${renderShown(shown, width)}`).join("\n");
  const tables = good.map(({ host, shown }) => withHost(host, toTable(shown)));
  const [first] = tables;
  if (first === undefined) return "";
  if (tables.some(({ columns }) => columns.length !== first.columns.length))
    return tables.map((table) => renderTable(table, width)).join("\n");
  const rows = tables.flatMap((table) => table.rows);
  const tally = tables.flatMap((table) => table.tally ?? []);
  return renderTable({ ...first, rows, ...(first.tally && { tally }) }, width);
}

function toTable(shown: Shown): Table {
  if ("table" in shown) return shown.table;
  const text = "message" in shown ? shown.message : shown.text;
  return { columns: [{ heading: "RESULT", cutOrder: 1, wrap: true }], rows: [[text]] };
}

function withHost(host: string, { columns, rows, ...rest }: Table): Table {
  return {
    ...rest,
    columns: [{ heading: "HOST", cutOrder: 9, keep: 12 }, ...columns],
    rows: rows.map((row) => [host, ...row]),
  };
}
