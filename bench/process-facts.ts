/** What the kernel says of the daemon's process on a bench host. */
import type { Bed } from "./bed.ts";

export interface Memory {
  readonly rssMb: number;
  /** Shared pages count by their share. */
  readonly pssMb: number;
}

export async function observeMemory(bed: Bed): Promise<Memory> {
  const text = await bed.host.sh(`cat /proc/${await bed.gitopper.mainPid()}/smaps_rollup`);
  const kilobytes = (key: string) => Number(new RegExp(`^${key}: +(\\d+) kB$`, "m").exec(text)?.[1]);
  return { rssMb: (kilobytes("Rss") * 1_024) / 1e6, pssMb: (kilobytes("Pss") * 1_024) / 1e6 };
}

/** How often its threads have gone to sleep so far, which is how often they were woken. */
export async function observeWakeUps(bed: Bed): Promise<number> {
  const files = `/proc/${await bed.gitopper.mainPid()}/task/*/status`;
  return Number(
    await bed.host.sh(`cat ${files} | awk '/^voluntary_ctxt_switches/ { sum += $2 } END { print sum }'`),
  );
}

/** How long a measure is to run, in seconds, as this environment variable says. @throws Error when it is no number */
export function secondsOf(variable: string, otherwise: number): number {
  const seconds = Number(process.env[variable] ?? otherwise);
  if (!(seconds > 0)) throw new Error(`${variable} is no number of seconds: "${process.env[variable]}"`);
  return seconds;
}
