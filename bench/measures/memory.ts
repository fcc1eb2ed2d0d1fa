/** What the daemon keeps in memory when it has nothing to do. */
import { setTimeout as pause } from "node:timers/promises";
import type { ServedUpstream } from "../../test/host/http-upstream.ts";
import { makeBed } from "../bed.ts";
import { type Memory, observeMemory } from "../process-facts.ts";
import type { Row } from "../result.ts";

/** How many services, and the most that is wanted, in MB. */
const sizes = [
  { services: 1, most: null },
  { services: 10, most: null },
  { services: 50, most: 70 },
  { services: 200, most: null },
  { services: 500, most: 90 },
];
const samples = 5;
const rounds = 3;
const idleMs = 45_000;

/** After a cold start, three rounds, and the rest at which the daemon gives memory back; the sizes are measured beside one another. */
export async function measureMemory(upstream: ServedUpstream): Promise<Row[]> {
  return (await Promise.all(sizes.map((size) => measureSize(upstream, size)))).flat();
}

async function measureSize(
  upstream: ServedUpstream,
  { services, most }: (typeof sizes)[number],
): Promise<Row[]> {
  const seen: Memory[] = [];
  for (let sample = 0; sample < samples; sample++) seen.push(await memoryOf(upstream, services));
  const row = (what: string, kind: keyof Memory, target: Row["target"]): Row => {
    return { what, gitopper: seen.map((each) => each[kind]), plain: [], target };
  };
  const point = { curve: "idle RSS, MB", services };
  const rss = row(`idle RSS with ${services}, MB`, "rssMb", most === null ? null : { most });
  const rows = [{ ...rss, point }];
  return services === 50 ? [...rows, row(`idle PSS with ${services}, MB`, "pssMb", null)] : rows;
}

async function memoryOf(upstream: ServedUpstream, services: number): Promise<Memory> {
  await using bed = await makeBed(upstream, services);
  await bed.startDaemon();
  for (let round = 0; round < rounds; round++) await bed.pollRound();
  await pause(idleMs);
  return await observeMemory(bed);
}
