/** Tables for people: a heading, left-aligned columns, two spaces between them. */
import { cut, visible, widthOf, wrap } from "./visible.ts";

export interface Column {
  readonly heading: string;
  /** When the terminal is too narrow, the lowest is cut first; absent: never cut. */
  readonly cutOrder?: number;
  /** How many columns it keeps while others can still be cut. */
  readonly keep?: number;
  /** Wrapped to further lines instead of cut. */
  readonly wrap?: true;
  /** On a terminal it follows its row on lines of its own, wrapped and never cut; elsewhere it is the last column. */
  readonly below?: true;
  /** Dropped when even the preferred widths do not fit; the lowest first. */
  readonly dropOrder?: number;
  /** Dropped when it is empty in every row. */
  readonly optional?: true;
  /** Decorates a padded cell, such as with a colour. */
  readonly dress?: (cell: string) => string;
}

export type Row = readonly string[];

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** How many of how many need a person, in a last line. */
  readonly tally?: Tally;
}

export interface Tally {
  readonly needing: number;
  /** Among the others. */
  readonly drifted: number;
  readonly deploying: number;
  readonly of: number;
}

const gap = "  ";
const indent = "    ";
const columnsMin = 4;

/** The lines of a table, each with a line break; `width` null: unlimited. */
export function renderTable({ columns, rows, tally }: Table, width: number | null): string {
  const joined = (row: Row) =>
    row.map((cell, index) => (columns[index]?.below ? cell.replaceAll("\n", "; ") : cell));
  const apart = width === null ? [] : [...columns.keys()].filter((index) => columns[index]?.below);
  const within = <T>(cells: readonly T[]) => cells.filter((_, index) => !apart.includes(index));
  const [heading = "", ...lines] = linesOfTable(within(columns), rows.map(joined).map(within), width);
  const blocks = rows.flatMap((row, index) => [
    lines[index] ?? "",
    ...apart.flatMap((column) => linesBelow(row[column] ?? "", width)),
  ]);
  return `${[heading, ...blocks, ...(tally === undefined ? [] : [renderTally(tally)])].join("\n")}\n`;
}

/** Each sentence starts a line; a line break separates them. */
function linesBelow(text: string, width: number | null): string[] {
  const sentences = text.split("\n").map(visible).filter(Boolean);
  const room = width === null ? Number.POSITIVE_INFINITY : Math.max(columnsMin, width - indent.length);
  return sentences.flatMap((sentence) => wrap(sentence, room)).map((line) => `${indent}${line}`);
}

/** `1 of 12 needs you, 1 has drifted`; healthy ones are only mentioned when there is nothing else. */
function renderTally({ needing, drifted, deploying, of }: Tally): string {
  if (of === 0) return "no services";
  const parts = [
    ...(needing > 0 ? [`${needing} ${needing === 1 ? "needs" : "need"} you`] : []),
    ...(drifted > 0 ? [`${drifted} ${drifted === 1 ? "has" : "have"} drifted`] : []),
    ...(deploying > 0 ? [`${deploying} ${deploying === 1 ? "is" : "are"} being deployed`] : []),
  ].join(", ");
  if (parts !== "") return parts.replace(" ", ` of ${of} `);
  return of === 1 ? "1 service, well" : `all ${of} well`;
}

/** The heading, and the lines of each row. */
function linesOfTable(all: readonly Column[], rows: readonly Row[], width: number | null): string[] {
  const used = dropColumns(all, rows, width);
  const columns = used.flatMap((index) => all[index] ?? []);
  const clean = rows.map((row) => used.map((index) => visible(row[index] ?? "")));
  const widths = fit(columns, naturalWidths(columns, clean), width);
  const headings = columns.map((column) => column.heading);
  const lines = clean.map((row) =>
    linesOf(row, columns, widths)
      .map((line) => renderRow(line, widths, columns))
      .join("\n"),
  );
  return [renderRow(headings, widths), ...lines];
}

/** The indexes of the shown columns. */
function dropColumns(all: readonly Column[], rows: readonly Row[], width: number | null): number[] {
  const shown = rows.map((row) => row.map(visible));
  const natural = naturalWidths(all, shown);
  const used = [...all.keys()].filter((index) => !all[index]?.optional || rows.some((row) => row[index]));
  const droppable = inOrder(all, "dropOrder").filter((index) => used.includes(index));
  const least = (indices: readonly number[]) =>
    total(
      indices.map((index) => Math.min(natural[index] ?? 0, leastOf(all[index]) ?? Number.POSITIVE_INFINITY)),
    );
  while (width !== null && droppable.length > 0 && least(used) > width) {
    const [first] = droppable.splice(0, 1);
    used.splice(used.indexOf(first ?? 0), 1);
  }
  return used;
}

/** The preferred width of a column; undefined: its full width. */
function leastOf(column: Column | undefined): number | undefined {
  return column?.cutOrder === undefined ? undefined : (column.keep ?? columnsMin);
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, columns) => sum + columns, gap.length * (widths.length - 1));
}

function naturalWidths(columns: readonly Column[], rows: readonly Row[]): number[] {
  return columns.map(({ heading }, index) =>
    rows.reduce((most, row) => Math.max(most, widthOf(row[index] ?? "")), heading.length),
  );
}

/** Reduces columns to their preferred widths first, then as far as necessary. */
function fit(columns: readonly Column[], natural: readonly number[], width: number | null): number[] {
  const widths = [...natural];
  if (width === null) return widths;
  let excess = total(natural) - width;
  for (const least of [(index: number) => columns[index]?.keep ?? columnsMin, () => columnsMin]) {
    for (const index of inOrder(columns, "cutOrder")) {
      const has = widths[index] ?? 0;
      const gives = Math.max(0, Math.min(excess, has - least(index)));
      widths[index] = has - gives;
      excess -= gives;
    }
  }
  return widths;
}

/** The indexes of the columns that have this order, the lowest first. */
function inOrder(columns: readonly Column[], name: "dropOrder" | "cutOrder"): number[] {
  const order = (index: number) => columns[index]?.[name] ?? 0;
  return [...columns.keys()].filter(order).sort((a, b) => order(a) - order(b));
}

/** A row as one line, or as many as its wrapped cells need. */
function linesOf(row: Row, columns: readonly Column[], widths: readonly number[]): Row[] {
  const cells = row.map((text, index) => (columns[index]?.wrap ? wrap(text, widths[index] ?? 0) : [text]));
  const height = Math.max(1, ...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) => cells.map((lines) => lines[line] ?? ""));
}

function renderRow(row: Row, widths: readonly number[], columns: readonly Column[] = []): string {
  const cells = widths.map((width, index) => {
    const text = cut(row[index] ?? "", width);
    const dress = columns[index]?.dress ?? ((cell: string) => cell);
    return dress(text) + " ".repeat(width - widthOf(text));
  });
  return cells.join(gap).trimEnd();
}
