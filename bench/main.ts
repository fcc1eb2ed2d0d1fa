/** Measures gitopper beside plain git on real systemd hosts; prints a table; all measures together are written to bench/results/latest.json. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setup } from "../test/host/global-setup.ts";
import type { Upstream } from "../test/host/upstream.ts";
import { observeMachine, renderMachine } from "./machine-facts.ts";
import { measureColdStart } from "./measures/cold-start.ts";
import { measureMemory } from "./measures/memory.ts";
import { measurePoll } from "./measures/poll.ts";
import { measurePull } from "./measures/pull.ts";
import { measureWebhook } from "./measures/webhook.ts";
import { type Row, sumUp } from "./result.ts";
import { renderTable } from "./table.ts";
import { makeBenchUpstream, upstreamText } from "./upstream.ts";

const measures: Readonly<Record<string, (upstream: Upstream) => Promise<Row[]>>> = {
  "cold-start": async (upstream) => measureColdStart(await upstream.serve()),
  poll: async (upstream) => measurePoll(await upstream.serve()),
  // It pushes, so those that want an unchanging upstream go before it.
  memory: async (upstream) => measureMemory(await upstream.serve()),
  pull: measurePull,
  webhook: measureWebhook,
};

/** Runs one measure, or all of them. @throws Error when a name is unknown */
async function bench(name: string | undefined): Promise<void> {
  const names = name === undefined ? Object.keys(measures) : [name];
  await setup();
  await using upstream = await makeBenchUpstream();
  const rows: Row[] = [];
  for (const each of names) {
    const startedMs = performance.now();
    rows.push(...((await measures[each]?.(upstream)) ?? []));
    console.error(`${each}: measured in ${Math.round((performance.now() - startedMs) / 1_000)} s`);
  }
  const machine = await observeMachine();
  const summed = rows.map(sumUp);
  console.log(`${renderMachine(machine)}\nupstream: ${upstreamText}\n\n${renderTable(summed)}`);
  if (name === undefined) writeResults({ machine, upstream: upstreamText, rows: summed });
}

function writeResults(results: object): void {
  const directory = join(import.meta.dirname, "results");
  mkdirSync(directory, { recursive: true });
  const round = (_: string, value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(4)) : value;
  writeFileSync(join(directory, "latest.json"), `${JSON.stringify(results, round, 2)}\n`);
}

const [name] = process.argv.slice(2);
if (name !== undefined && !(name in measures)) {
  console.error(
    `Cannot measure "${name}": choose one of ${Object.keys(measures).join(", ")}, or none for all`,
  );
  process.exit(2);
}
await bench(name);
