/** The figures of the last full run, as the README shows them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type MachineFacts, renderMachine } from "./machine-facts.ts";
import type { SummedRow } from "./result.ts";
import { renderTable } from "./table.ts";

interface Results {
  readonly machine: MachineFacts;
  readonly upstream: string;
  readonly rows: readonly SummedRow[];
}

/** Puts bench/results/latest.json between the two `bench` comments of a page. */
export function renderMeasured(page: string): string {
  const results = JSON.parse(
    readFileSync(join(import.meta.dirname, "results/latest.json"), "utf8"),
  ) as Results;
  const text = `${renderMachine(results.machine)}\nupstream: ${results.upstream}\n\n${renderTable(results.rows)}`;
  const block = `<!-- bench -->\n\n\`\`\`\n${text}\`\`\`\n\n<!-- /bench -->`;
  return page.replace(/<!-- bench -->.*?<!-- \/bench -->/s, () => block);
}
