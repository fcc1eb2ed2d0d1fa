/** The table of results, in 80 columns. */
import type { Summary, SummedRow, Target } from "./result.ts";

const widths = [25, 17, 17, 5, 8];

/** Medians, with the smallest and the largest sample in brackets. */
export function renderTable(rows: readonly SummedRow[]): string {
  const head = ["median (least–most)", "gitopper", "plain git", "ratio", "target"];
  const rule = widths.map((width) => "─".repeat(width));
  return [head, rule, ...rows.map(cellsOf)].map(renderLine).join("");
}

function cellsOf({ what, gitopper, plain, ratio, target, reached }: SummedRow): string[] {
  const mark = reached === null ? "" : reached ? " ✓" : " ✗";
  return [
    what,
    renderSummary(gitopper),
    plain === null ? "" : renderSummary(plain),
    ratio === null ? "" : ratio.toFixed(2),
    target === null ? "" : renderTarget(target) + mark,
  ];
}

function renderLine(cells: readonly string[]): string {
  const padded = cells.map((cell, index) => {
    const width = widths[index] ?? 0;
    return index === 0 || index === cells.length - 1 ? cell.padEnd(width) : cell.padStart(width);
  });
  return `${padded.join("  ").trimEnd()}\n`;
}

function renderTarget(target: Target): string {
  return "most" in target ? `≤ ${target.most}` : `≤ ${target.timesPlain}×`;
}

function renderSummary({ median, min, max }: Summary): string {
  if (min === max) return renderNumber(median);
  return `${renderNumber(median)} (${renderNumber(min)}–${renderNumber(max)})`;
}

/** With at most three digits, but for whole numbers. */
export function renderNumber(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0);
}
