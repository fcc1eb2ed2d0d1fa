/** The figures of the last runs, as the documents show them. */
import { monorepoText } from "./monorepo.ts";
import type { SummedRow } from "./result.ts";
import { readResults, renderResults } from "./results.ts";
import { renderNumber } from "./table.ts";
import { upstreamText } from "./upstream.ts";

/** The rows of the README: the name in the results, what a reader calls it, and its unit. */
const headline = [
  ["cold start of 50, s", "First deployment of 50 services", "s"],
  ["webhook, 1 of 50, ms", "From a webhook to the reloaded unit, one of 50 services", "ms"],
  ["poll of 50, CPU ms", "CPU time of a poll without news, 50 services", "ms"],
  ["idle RSS with 50, MB", "Memory (RSS) of the idle daemon, 50 services", "MB"],
  ["idle CPU, % in 600 s", "CPU usage of the idle daemon, 50 services", "%"],
] as const;

/** Puts bench/results/latest.json between the two `bench` comments of a page. */
export function renderMeasured(page: string): string {
  const text = `upstream: ${upstreamText}\nmonorepo: ${monorepoText}\n${renderResults(readResults())}`;
  const block = `<!-- bench -->\n\n\`\`\`\n${text}\`\`\`\n\n<!-- /bench -->`;
  return page.replace(/<!-- bench -->.*?<!-- \/bench -->/s, () => block);
}

/** Puts the medians of `headline` between the two `bench rows` comments of a page. */
export function renderHeadline(page: string): string {
  const rows = Object.values(readResults()).flatMap((run) => run.rows);
  const lines = headline.map(([what, text, unit]) => renderRow(rowOf(rows, what), text, unit));
  const table = ["| median | gitopper | plain git |", "|---|---|---|", ...lines].join("\n");
  return page.replace(
    /<!-- bench rows -->.*?<!-- \/bench rows -->/s,
    () => `<!-- bench rows -->\n${table}\n<!-- /bench rows -->`,
  );
}

function renderRow({ gitopper, plain }: SummedRow, text: string, unit: string): string {
  const theirs = plain === null ? "–" : `${renderNumber(plain.median)} ${unit}`;
  return `| ${text} | ${renderNumber(gitopper.median)} ${unit} | ${theirs} |`;
}

/** @throws Error when no run has measured it */
function rowOf(rows: readonly SummedRow[], what: string): SummedRow {
  const row = rows.find((one) => one.what === what);
  if (row === undefined) throw new Error(`bench/results/latest.json has no row "${what}"`);
  return row;
}
