/** From nothing to 50 services that run: store, checkouts, mounts, units; and what that takes on disk. */
import type { ServedUpstream } from "../../test/host/http-upstream.ts";
import { type Bed, listPath, makeBed } from "../bed.ts";
import type { Row } from "../result.ts";

const services = 50;
const samples = 5;

interface Cost {
  readonly wallS: number;
  readonly cpuS: number;
  readonly requests: number;
  readonly diskMb: number;
}

/** Every sample has a fresh host; the two ways take turns in going first. */
export async function measureColdStart(upstream: ServedUpstream): Promise<Row[]> {
  const ours: Cost[] = [];
  const theirs: Cost[] = [];
  await ourCost(upstream);
  for (let sample = 0; sample < samples; sample++) {
    if (sample % 2 === 0) ours.push(await ourCost(upstream));
    theirs.push(await theirCost(upstream));
    if (sample % 2 === 1) ours.push(await ourCost(upstream));
  }
  const row = (what: string, cost: keyof Cost, target: Row["target"]): Row => ({
    what,
    gitopper: ours.map((each) => each[cost]),
    plain: theirs.map((each) => each[cost]),
    target,
  });
  return [
    row(`cold start of ${services}, s`, "wallS", { timesPlain: 1.5 }),
    row("  its CPU time, s", "cpuS", null),
    row("  its requests", "requests", null),
    row(`disk of ${services}, MB`, "diskMb", null),
  ];
}

async function ourCost(upstream: ServedUpstream): Promise<Cost> {
  await using bed = await makeBed(upstream, services);
  const cost = await timed(bed, () => bed.startDaemon(), {
    cpuMs: () => bed.daemonCpuMs(),
    fromNothing: true,
  });
  return { ...cost, diskMb: megabytes(await bed.bytesOnDisk("/var/lib/gitopper", "/srv/gitopper")) };
}

async function theirCost(upstream: ServedUpstream): Promise<Cost> {
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
