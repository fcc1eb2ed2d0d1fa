/** What the daemon keeps in memory when it has nothing to do. */
import { setTimeout as pause } from "node:timers/promises";
import type { ServedUpstream } from "../../test/host/http-upstream.ts";
import { makeBed } from "../bed.ts";
import type { Row } from "../result.ts";

const serviceCounts = [1, 50, 200];
const samples = 5;
const rounds = 3;
const idleMs = 10_000;

interface Memory {
  readonly rssMb: number;
  /** Shared pages count by their share. */
  readonly pssMb: number;
}

/** After a cold start, three rounds and ten seconds of rest; the sizes are measured beside one another. */
export async function measureMemory(upstream: ServedUpstream): Promise<Row[]> {
  return (await Promise.all(serviceCounts.map((services) => measureSize(upstream, services)))).flat();
}

async function measureSize(upstream: ServedUpstream, services: number): Promise<Row[]> {
  const seen: Memory[] = [];
  for (let sample = 0; sample < samples; sample++) seen.push(await memoryOf(upstream, services));
  const row = (what: string, kind: keyof Memory, target: Row["target"]): Row => {
    return { what, gitopper: seen.map((each) => each[kind]), plain: [], target };
  };
  if (services !== 50) return [row(`idle RSS with ${services}, MB`, "rssMb", null)];
  return [
    row(`idle RSS with ${services}, MB`, "rssMb", { most: 90 }),
    row(`idle PSS with ${services}, MB`, "pssMb", null),
  ];
}

async function memoryOf(upstream: ServedUpstream, services: number): Promise<Memory> {
  await using bed = await makeBed(upstream, services);
  await bed.startDaemon();
  for (let round = 0; round < rounds; round++) await bed.pollRound();
  await pause(idleMs);
  const text = await bed.host.sh(`cat /proc/${await bed.gitopper.mainPid()}/smaps_rollup`);
  const kilobytes = (key: string) => Number(new RegExp(`^${key}: +(\\d+) kB$`, "m").exec(text)?.[1]);
  return { rssMb: (kilobytes("Rss") * 1_024) / 1e6, pssMb: (kilobytes("Pss") * 1_024) / 1e6 };
}
