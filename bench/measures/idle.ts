/** What a daemon with nothing to do costs, at the default interval: ten minutes, or BENCH_IDLE_S seconds. */
import { setTimeout as pause } from "node:timers/promises";
import type { ServedUpstream } from "../../test/host/http-upstream.ts";
import { makeBed } from "../bed.ts";
import { observeWakeUps, secondsOf } from "../process-facts.ts";
import type { Row } from "../result.ts";

const services = 50;
/** The default of `--duration`. */
const duration = "5m";
/** By then what follows a start is over. */
const settleMs = 30_000;

/** The polls in that time, and the gits that they run, are part of it. */
export async function measureIdle(upstream: ServedUpstream): Promise<Row[]> {
  const seconds = secondsOf("BENCH_IDLE_S", 600);
  await using bed = await makeBed(upstream, services, { duration });
  await bed.startDaemon();
  await pause(settleMs);
  const before = { cpuMs: bed.daemonCpuMs(), wakeUps: await observeWakeUps(bed), atMs: performance.now() };
  await pause(seconds * 1_000);
  const tookMs = performance.now() - before.atMs;
  const percent = ((bed.daemonCpuMs() - before.cpuMs) / tookMs) * 100;
  const perSecond = (((await observeWakeUps(bed)) - before.wakeUps) / tookMs) * 1_000;
  const row = (what: string, value: number, most: number): Row => {
    return { what: `${what} in ${seconds} s`, gitopper: [value], plain: [], target: { most } };
  };
  return [row("idle CPU, %", percent, 0.1), row("wake-ups a second", perSecond, 2)];
}
