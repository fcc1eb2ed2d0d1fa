/** Writes docs/api.md, docs/metrics.md, man pages, completions, the alert rules of docs/operate.md, and the figures of README.md and docs/performance.md. With --check it changes nothing and fails when one is stale. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderChart } from "../bench/chart.ts";
import { renderMeasured } from "../bench/measured.ts";
import { renderPeerHeadline, renderPeers } from "../bench/peers/results.ts";
import { readResults } from "../bench/results.ts";
import { renderSpans, type SpanResults } from "../bench/span-table.ts";
import { renderAlerts } from "./render-alerts.ts";
import { renderApi, renderOpenApi } from "./render-api.ts";
import { renderMetrics } from "./render-metrics.ts";
import { renderPackaging } from "./render-packaging.ts";

const docs = join(import.meta.dirname, "../docs");
const packaging = join(import.meta.dirname, "../packaging");
const readme = join(import.meta.dirname, "../README.md");
const operate = join(docs, "operate.md");
const performance = join(docs, "performance.md");
const spans = join(import.meta.dirname, "../bench/results/spans.json");
const pages = [
  { file: join(docs, "api.md"), text: await renderApi() },
  { file: join(docs, "openapi.json"), text: renderOpenApi() },
  { file: join(docs, "metrics.md"), text: await renderMetrics() },
  { file: operate, text: renderAlerts(readFileSync(operate, "utf8")) },
  { file: readme, text: renderPeerHeadline(readFileSync(readme, "utf8")) },
  {
    file: performance,
    text: renderSpans(
      renderPeers(renderMeasured(readFileSync(performance, "utf8"))),
      JSON.parse(readFileSync(spans, "utf8")) as SpanResults,
    ),
  },
  { file: join(docs, "costs.svg"), text: renderChart(readResults()) },
  ...Object.entries(renderPackaging()).map(([path, text]) => ({ file: join(packaging, path), text })),
];
const stale = pages.filter(({ file, text }) => !existsSync(file) || readFileSync(file, "utf8") !== text);

if (process.argv.includes("--check")) {
  for (const { file } of stale) console.error(`${file} is not what it is generated from; run npm run docs`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const { file, text } of stale) writeFileSync(file, text);
}
