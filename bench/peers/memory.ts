/** The memory of all processes of a unit on a bench host; what several share counts once (PSS, proc_pid_smaps(5)). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Bed } from "../bed.ts";
import { cgroupOf } from "../cgroup-cpu.ts";

const sampleEveryMs = 10;

export function memoryMbOf({ host }: Bed, unit: string): number {
  const pids = readFileSync(join(cgroupOf(host, unit), "cgroup.procs"), "utf8")
    .trim()
    .split("\n");
  return pids.map(pssMbOf).reduce((sum, mb) => sum + mb, 0);
}

/** The most that is seen while some work is under way. */
export async function peakMbOf(bed: Bed, unit: string, work: () => Promise<unknown>): Promise<number> {
  let isOver = false;
  const ended = work().finally(() => {
    isOver = true;
  });
  let peak = 0;
  while (!isOver) {
    peak = Math.max(peak, memoryMbOf(bed, unit));
    await pause(sampleEveryMs);
  }
  await ended;
  return peak;
}

/** 0 for a process that has ended. */
function pssMbOf(pid: string): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    return (Number(/^Pss: +(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1_024) / 1e6;
  } catch {
    return 0;
  }
}
