/** Measures gitopper beside plain git on real systemd hosts; prints a table and keeps it in bench/results/latest.json. */
import { setup } from "../test/host/global-setup.ts";
import type { Upstream } from "../test/host/upstream.ts";
import { observeMachine } from "./machine-facts.ts";
import { measureColdStart } from "./measures/cold-start.ts";
import { measureIdle } from "./measures/idle.ts";
import { measureLoad } from "./measures/load.ts";
import { measureMemory } from "./measures/memory.ts";
import { measureMonorepo } from "./measures/monorepo.ts";
import { measurePeers } from "./measures/peers.ts";
import { measurePoll } from "./measures/poll.ts";
import { measurePull } from "./measures/pull.ts";
import { measureUpstreams } from "./measures/upstreams.ts";
import { measureWebhook } from "./measures/webhook.ts";
import { type Row, sumUp } from "./result.ts";
import { mergeResults, type Results, type Run, readResults, renderResults, writeResults } from "./results.ts";
import { makeBenchUpstream } from "./upstream.ts";

type Measure = (upstream: Upstream) => Promise<Row[]>;

const measures: Readonly<Record<string, Measure>> = {
  "cold-start": async (upstream) => measureColdStart(await upstream.serve()),
  poll: async (upstream) => measurePoll(await upstream.serve()),
  upstreams: measureUpstreams,
  // It pushes, so those that want an unchanging upstream go before it.
  memory: async (upstream) => measureMemory(await upstream.serve()),
  idle: async (upstream) => measureIdle(await upstream.serve()),
  pull: measurePull,
  load: measureLoad,
  webhook: measureWebhook,
  monorepo: measureMonorepo,
  peers: measurePeers,
};
/** It installs what no other measure needs, and keeps its figures in a file of its own. */
const onRequest = "peers";

/** What cannot be measured keeps its last figures; answers whether all was. */
async function bench(names: readonly string[]): Promise<boolean> {
  await setup();
  await using upstream = await makeBenchUpstream();
  const ran: Record<string, Run> = {};
  for (const name of names) {
    const run = await runMeasure(name, upstream);
    if (run === null) continue;
    ran[name] = run;
    // At once: a long run that is broken off later has measured this.
    writeResults(mergeResults(lastResults(), withRows(ran), Object.keys(measures)));
  }
  const printed = withRows(ran);
  if (Object.keys(printed).length > 0) console.log(renderResults(printed));
  return Object.keys(ran).length === names.length;
}

/** Without those that keep their figures elsewhere. */
function withRows(ran: Readonly<Record<string, Run>>): Results {
  return Object.fromEntries(Object.entries(ran).filter(([, { rows }]) => rows.length > 0));
}

async function runMeasure(name: string, upstream: Upstream): Promise<Run | null> {
  const startedMs = performance.now();
  try {
    const rows = (await measures[name]?.(upstream)) ?? [];
    const tookS = (performance.now() - startedMs) / 1_000;
    console.error(`${name}: measured in ${Math.round(tookS)} s`);
    return { machine: await observeMachine(), tookS, rows: rows.map(sumUp) };
  } catch (error) {
    console.error(`Cannot measure "${name}":`, error);
    return null;
  }
}

function lastResults(): Results {
  try {
    return readResults();
  } catch {
    return {};
  }
}

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !(name in measures));
if (unknown !== undefined) {
  const choice = Object.keys(measures).join(", ");
  console.error(`Cannot measure "${unknown}": choose some of ${choice}, or none for all but ${onRequest}`);
  process.exit(2);
}
const usual = Object.keys(measures).filter((name) => name !== onRequest);
process.exitCode = (await bench(asked.length > 0 ? asked : usual)) ? 0 : 1;
