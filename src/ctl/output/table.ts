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
  /** What there is to count of each row, for a last line. */
  readonly tally?: readonly Tally[];
}

export interface Tally {
  readonly needing: boolean;
  /** Only among the others. */
  readonly drifted: boolean;
  readonly deploying: boolean;
}

/** A column with what it shows of an item. */
export interface ColumnOf<T> extends Column {
  readonly cell: (item: T, index: number) => string;
}

/** A table with a row for each item. */
export function tableOf<T>(columns: readonly ColumnOf<T>[], items: readonly T[]): Table {
  return { columns, rows: items.map((item, index) => columns.map(({ cell }) => cell(item, index))) };
}

const plain = (cell: string) => cell;
const gap = "  ";
const indent = "    ";
const columnsMin = 4;

/** The lines of a table, each with a line break; `width` null: unlimited. */
export function renderTable({ columns, rows, tally }: Table, width: number | null): string {
  const isApart = ({ below }: Column) => below && width !== null;
  const cellsOf = (index: number) => rows.map((row) => row[index] ?? "");
  const filled = columns.flatMap((column, index) => (isApart(column) ? [] : fill(column, cellsOf(index))));
  const used = dropColumns(filled, width);
  if (width !== null) fit(used, width);
  const heading = renderLine(used.map((column) => ({ ...column, text: column.heading, dress: plain })));
  const lines = rows.flatMap((row, index) => [
    ...linesOf(used, index),
    ...columns.flatMap((column, at) => (isApart(column) ? linesBelow(row[at] ?? "", width) : [])),
  ]);
  return `${[heading, ...lines, ...(tally === undefined ? [] : [renderTally(tally)])].join("\n")}\n`;
}

/** Each sentence starts a line; a line break separates them. */
function linesBelow(text: string, width: number | null): string[] {
  const sentences = text.split("\n").map(visible).filter(Boolean);
  const room = Math.max(columnsMin, (width ?? Number.POSITIVE_INFINITY) - indent.length);
  return sentences.flatMap((sentence) => wrap(sentence, room)).map((line) => `${indent}${line}`);
}

/** `1 of 12 needs you, 1 has drifted`; healthy ones are only mentioned when there is nothing else. */
function renderTally(tally: readonly Tally[]): string {
  if (tally.length === 0) return "no services";
  const count = (part: keyof Tally) => tally.filter((row) => row[part]).length;
  const [needing, drifted, deploying] = [count("needing"), count("drifted"), count("deploying")];
  const parts = [
    ...(needing > 0 ? [`${needing} ${needing === 1 ? "needs" : "need"} you`] : []),
    ...(drifted > 0 ? [`${drifted} ${drifted === 1 ? "has" : "have"} drifted`] : []),
    ...(deploying > 0 ? [`${deploying} ${deploying === 1 ? "is" : "are"} being deployed`] : []),
  ].join(", ");
  if (parts !== "") return parts.replace(" ", ` of ${tally.length} `);
  return tally.length === 1 ? "1 service, well" : `all ${tally.length} well`;
}

/** A column with its cells, safe for a terminal. */
interface Filled extends Column {
  readonly cells: readonly string[];
  /** In columns of the terminal. */
  width: number;
}

/** Without a column that is optional and empty in every row. */
function fill(column: Column, cells: readonly string[]): Filled[] {
  if (column.optional && !cells.some(Boolean)) return [];
  const shown = cells.map((cell) => visible(column.below ? cell.replaceAll("\n", "; ") : cell));
  const width = shown.reduce((most, cell) => Math.max(most, widthOf(cell)), column.heading.length);
  return [{ ...column, cells: shown, width }];
}

/** Those that have room with their preferred widths. */
function dropColumns(columns: readonly Filled[], width: number | null): readonly Filled[] {
  let kept = columns;
  const least = ({ width, cutOrder, keep = columnsMin }: Filled) =>
    cutOrder === undefined ? width : Math.min(width, keep);
  for (const droppable of inOrder(columns, "dropOrder"))
    if (width !== null && total(kept.map(least)) > width)
      kept = kept.filter((column) => column !== droppable);
  return kept;
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, columns) => sum + columns, gap.length * (widths.length - 1));
}

/** Reduces columns to their preferred widths first, then as far as necessary. */
function fit(columns: readonly Filled[], width: number): void {
  let excess = total(columns.map((column) => column.width)) - width;
  for (const leastOf of [({ keep = columnsMin }: Column) => keep, () => columnsMin]) {
    for (const column of inOrder(columns, "cutOrder")) {
      const gives = Math.max(0, Math.min(excess, column.width - leastOf(column)));
      column.width -= gives;
      excess -= gives;
    }
  }
}

/** The columns that have this order, the lowest first. */
function inOrder(columns: readonly Filled[], name: "dropOrder" | "cutOrder"): Filled[] {
  const order = (column: Column) => column[name] ?? 0;
  return columns.filter(order).sort((a, b) => order(a) - order(b));
}

/** A row as one line, or as many as its wrapped cells need. */
function linesOf(columns: readonly Filled[], row: number): string[] {
  const filled = columns.map((column) => {
    const text = column.cells[row] ?? "";
    return { ...column, lines: column.wrap ? wrap(text, column.width) : [text] };
  });
  const height = Math.max(1, ...filled.map(({ lines }) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    renderLine(filled.map((column) => ({ ...column, text: column.lines[line] ?? "" }))),
  );
}

function renderLine(cells: readonly (Filled & { readonly text: string })[]): string {
  const padded = cells.map(({ text, width, dress = plain }) => {
    const shown = cut(text, width);
    return dress(shown) + " ".repeat(width - widthOf(shown));
  });
  return padded.join(gap).trimEnd();
}
