/** From nothing to services that run: store, checkouts, mounts, units; and what that takes on disk. */
import type { ServedUpstream } from "../../test/host/http-upstream.ts";
import { type Bed, listPath, makeBed } from "../bed.ts";
import type { Row } from "../result.ts";

const serviceCounts = [1, 10, 50, 200, 500];
/** The daemon has to start too, which shows where there is little else to do. */
const targetFrom = 50;
const samples = 5;

interface Cost {
  readonly wallS: number;
  readonly cpuS: number;
  readonly requests: number;
  readonly diskMb: number;
}

export async function measureColdStart(upstream: ServedUpstream): Promise<Row[]> {
  await ourCost(upstream, 1);
  const rows: Row[] = [];
  for (const services of serviceCounts) {
    const target = services >= targetFrom ? { timesPlain: 1.5 } : null;
    const point = { curve: "cold start, s", services };
    const [wall, ...others] = await measureServices(upstream, services, {
      what: `cold start of ${services}`,
    });
    rows.push({ ...wall, target, point }, ...others);
  }
  return rows;
}

/** Every sample has a fresh host; the two ways take turns in going first. */
export async function measureServices(
  upstream: ServedUpstream,
  services: number,
  { what, diskTimesPlain }: { readonly what: string; readonly diskTimesPlain?: number },
): Promise<[Row, ...Row[]]> {
  const ours: Cost[] = [];
  const theirs: Cost[] = [];
  for (let sample = 0; sample < samples; sample++) {
    if (sample % 2 === 0) ours.push(await ourCost(upstream, services));
    theirs.push(await theirCost(upstream, services));
    if (sample % 2 === 1) ours.push(await ourCost(upstream, services));
  }
  const row = (name: string, cost: keyof Cost): Row => ({
    what: name,
    gitopper: ours.map((each) => each[cost]),
    plain: theirs.map((each) => each[cost]),
    target: null,
  });
  return [
    row(`${what}, s`, "wallS"),
    row("  its CPU time, s", "cpuS"),
    row("  its requests", "requests"),
    {
      ...row("  its disk, MB", "diskMb"),
      target: diskTimesPlain === undefined ? null : { timesPlain: diskTimesPlain },
    },
  ];
}

async function ourCost(upstream: ServedUpstream, services: number): Promise<Cost> {
  await using bed = await makeBed(upstream, services);
  const cost = await timed(bed, () => bed.startDaemon(), {
    cpuMs: () => bed.daemonCpuMs(),
    fromNothing: true,
  });
  return { ...cost, diskMb: megabytes(await bed.bytesOnDisk("/var/lib/gitopper", "/srv/gitopper")) };
}

async function theirCost(upstream: ServedUpstream, services: number): Promise<Cost> {
  await using bed = await makeBed(upstream, services);
  const bringUp = () => bed.shell.baseline("cold-start.sh", upstream.url, listPath);
  const cost = await timed(bed, bringUp, { cpuMs: () => bed.shell.cpuMs(), fromNothing: false });
  return { ...cost, diskMb: megabytes(await bed.bytesOnDisk("/srv/plain")) };
}

async function timed(
  { upstream }: Bed,
  work: () => Promise<void>,
  cpu: { readonly cpuMs: () => number; readonly fromNothing: boolean },
): Promise<Omit<Cost, "diskMb">> {
  const cpuBeforeMs = cpu.fromNothing ? 0 : cpu.cpuMs();
  const requestsBefore = upstream.requests.length;
  const startedMs = performance.now();
  await work();
  const wallS = (performance.now() - startedMs) / 1_000;
  const cpuS = (cpu.cpuMs() - cpuBeforeMs) / 1_000;
  return { wallS, cpuS, requests: upstream.requests.length - requestsBefore };
}

function megabytes(bytes: number): number {
  return bytes / 1e6;
}
