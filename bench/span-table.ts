/** The table of spans, in 80 columns. */
import type { SpanRow } from "./deployment-spans.ts";
import type { Summary } from "./result.ts";

/** Of one size of host. */
export interface SpanTable {
  readonly services: number;
  /** All in ms, of one deployment. */
  readonly wholeMs: Summary;
  readonly ownMs: Summary;
  readonly spawningMs: Summary;
  readonly spans: readonly SpanRow[];
}

/** As bench/results/spans.json has them. */
export interface SpanResults {
  readonly machine: string;
  readonly tables: readonly SpanTable[];
}

/** Puts them between the two `spans` comments of a page. */
export function renderSpans(page: string, { machine, tables }: SpanResults): string {
  const text = [`${machine}\n`, ...tables.map(renderSpanTable)].join("\n");
  const block = `<!-- spans -->\n\n\`\`\`\n${text}\`\`\`\n\n<!-- /spans -->`;
  return page.replace(/<!-- spans -->.*?<!-- \/spans -->/s, () => block);
}

export function renderSpanTable({ services, wholeMs, ownMs, spawningMs, spans }: SpanTable): string {
  const head = [`1 of ${services}, ms (medians)`, "from", "takes", "own"];
  const rows = spans.map((span) => [labelOf(span), ...[span.fromMs, span.takesMs, span.ownMs].map(render)]);
  const whole = ["webhook → reloaded", "", render(wholeMs.median), render(ownMs.median)];
  const spawning = ["  of which: starting processes", "", "", render(spawningMs.median)];
  return [head, rule, ...rows, rule, whole, spawning].map(renderLine).join("");
}

const widths = [46, 7, 7, 7];
const rule = widths.map((width) => "─".repeat(width));

/** Processes have a `$` before them. */
function labelOf({ name, track, isProcess, depth }: SpanRow): string {
  const indent = isProcess ? "    $ " : "  ".repeat(depth);
  return `${track.padEnd(8)}  ${indent}${name}`;
}

function render(ms: number): string {
  return ms.toFixed(1);
}

function renderLine(cells: readonly string[]): string {
  const padded = cells.map((cell, index) => {
    const width = widths[index] ?? 0;
    return index === 0 ? cell.padEnd(width) : cell.padStart(width);
  });
  return `${padded.join("  ").trimEnd()}\n`;
}
