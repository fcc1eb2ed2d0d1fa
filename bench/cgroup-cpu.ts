/** The CPU time of a unit on a bench host with all its children, ended ones too, as the kernel counts it. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { TestHost } from "../test/host/host.ts";

const lookEveryMs = 20;
const quietLooks = 8;
const quietLimitMs = 120_000;

/** CPU time in ms of all processes that were ever in the unit's cgroup (cgroups v2, cpu.stat). */
export function cpuMsOf(host: TestHost, unit: string): number {
  const stat = readFileSync(join(cgroupOf(host, unit), "cpu.stat"), "utf8");
  const usec = /^usage_usec (\d+)$/m.exec(stat)?.[1];
  if (usec === undefined) throw new Error(`No usage_usec in the cpu.stat of ${unit}`);
  return Number(usec) / 1_000;
}

/** The directory of the unit's cgroup, as this machine sees it. */
export function cgroupOf(host: TestHost, unit: string): string {
  const root = join(host.root, "sys/fs/cgroup");
  const unified = existsSync(join(root, "unified")) ? join(root, "unified") : root;
  return join(unified, "system.slice", unit);
}

/** Resolves when the unit has used no CPU for 160 ms: whatever it did is over. */
export async function untilQuiet(host: TestHost, unit: string): Promise<void> {
  const deadline = performance.now() + quietLimitMs;
  let last = cpuMsOf(host, unit);
  for (let quiet = 0; quiet < quietLooks; ) {
    await pause(lookEveryMs);
    const now = cpuMsOf(host, unit);
    quiet = now - last < 0.2 ? quiet + 1 : 0;
    last = now;
    if (performance.now() > deadline) throw new Error(`${unit} does not come to rest`);
  }
}
