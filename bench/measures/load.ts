/** Whether the daemon grows: a deployment a second for three minutes, or for BENCH_LOAD_S seconds. */
import { setTimeout as pause } from "node:timers/promises";
import type { Upstream } from "../../test/host/upstream.ts";
import { type Bed, makeBed, unitOf } from "../bed.ts";
import { observeMemory, secondsOf } from "../process-facts.ts";
import { type Row, summaryOf } from "../result.ts";
import { linkOf } from "../upstream.ts";

const services = 50;
const everyMs = 1_000;
const observeEvery = 5;
/** Of an hour it is ten minutes. */
const partOfRun = 1 / 6;

/** The median RSS of the last sixth of the time beside that of the first. */
export async function measureLoad(upstream: Upstream): Promise<Row[]> {
  const seconds = secondsOf("BENCH_LOAD_S", 180);
  await using bed = await makeBed(await upstream.serve(), services);
  await bed.startDaemon();
  const { rssMb, deployments } = await deployFor(seconds * 1_000, bed, upstream);
  const part = Math.max(Math.round(rssMb.length * partOfRun), 1);
  const first = summaryOf(rssMb.slice(0, part)).median;
  const last = rssMb.slice(-part);
  const row = (what: string, gitopper: readonly number[], target: Row["target"]): Row => {
    return { what: `${what}, ${deployments} in ${seconds} s`, gitopper, plain: [], target };
  };
  return [
    row("RSS under load, MB", last, null),
    row("last ÷ first RSS", [summaryOf(last).median / first], { most: 1.1 }),
  ];
}

/** One service after another gets a commit, with a webhook, once a second or as fast as it goes. */
async function deployFor(ms: number, bed: Bed, upstream: Upstream) {
  const rssMb: number[] = [];
  const startedMs = performance.now();
  let deployments = 0;
  for (; performance.now() - startedMs < ms; deployments++) {
    const service = deployments % services;
    bed.pings.clear();
    await upstream.commit({ [`${linkOf(service)}/file07.conf`]: `deployment ${deployments}\n` });
    await Promise.all([bed.pings.until(`reload ${unitOf(service)}`), bed.gitopper.pull(unitOf(service))]);
    if (deployments % observeEvery === 0) rssMb.push((await observeMemory(bed)).rssMb);
    await pause(Math.max(startedMs + (deployments + 1) * everyMs - performance.now(), 0));
  }
  return { rssMb, deployments };
}
