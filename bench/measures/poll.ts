/** A look at the upstream that finds nothing new, against one `git fetch` of the same store. */
import type { ServedUpstream } from "../../test/host/http-upstream.ts";
import { type Bed, listPath, makeBed } from "../bed.ts";
import type { Row } from "../result.ts";

const serviceCounts = [1, 10, 50, 200, 500];
const warmUpRounds = 10;
const samples = 15;

/** Rounds and fetches take turns on one host. */
export async function measurePoll(upstream: ServedUpstream): Promise<Row[]> {
  const rows: Row[] = [];
  for (const services of serviceCounts) {
    await using bed = await makeBed(upstream, services);
    rows.push(...(await measureRounds(bed)));
  }
  return rows;
}

interface Cost {
  readonly cpuMs: number;
  readonly requests: number;
}

async function measureRounds(bed: Bed): Promise<Row[]> {
  await bed.shell.baseline("cold-start.sh", bed.upstream.url, listPath);
  await bed.host.sh(`cut -d' ' -f3 ${listPath} | xargs umount && systemctl stop 'app*'`);
  await bed.startDaemon();
  for (let round = 0; round < warmUpRounds; round++) await bed.pollRound();
  const ours: Cost[] = [];
  const theirs: Cost[] = [];
  for (let sample = 0; sample < samples; sample++) {
    ours.push(
      await costOf(
        bed,
        () => bed.pollRound(),
        () => bed.daemonCpuMs(),
      ),
    );
    theirs.push(
      await costOf(
        bed,
        () => bed.shell.baseline("poll.sh"),
        () => bed.shell.cpuMs(),
      ),
    );
  }
  const row = (what: string, cost: keyof Cost, timesPlain: number): Row => ({
    what,
    gitopper: ours.map((each) => each[cost]),
    plain: theirs.map((each) => each[cost]),
    target: { timesPlain },
  });
  const point = { curve: "poll, ms of CPU", services: bed.services };
  return [
    { ...row(`poll of ${bed.services}, CPU ms`, "cpuMs", 2), point },
    row("  its requests", "requests", 1),
  ];
}

async function costOf(bed: Bed, work: () => Promise<void>, cpuMs: () => number): Promise<Cost> {
  const cpuBeforeMs = cpuMs();
  const requestsBefore = bed.upstream.requests.length;
  await work();
  return { cpuMs: cpuMs() - cpuBeforeMs, requests: bed.upstream.requests.length - requestsBefore };
}
