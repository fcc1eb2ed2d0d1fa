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
    const point = { curve: "poll, ms of CPU", services };
    const [cpu, requests] = await measureLooks(bed, { what: `poll of ${services}` });
    rows.push({ ...cpu, target: { timesPlain: 2 }, point }, { ...requests, target: { timesPlain: 1 } });
  }
  return rows;
}

interface Cost {
  readonly cpuMs: number;
  readonly requests: number;
}

interface Looks {
  readonly what: string;
  /** Runs before each look, of either. */
  readonly before?: () => Promise<void>;
}

/** Looks at the upstream, against one `git fetch` each, which take turns; answers their CPU time and their requests. */
export async function measureLooks(bed: Bed, { what, before = async () => {} }: Looks): Promise<[Row, Row]> {
  await bed.shell.baseline("cold-start.sh", bed.upstream.url, listPath);
  await bed.host.sh(`cut -d' ' -f3 ${listPath} | xargs umount && systemctl stop 'app*'`);
  await bed.startDaemon();
  for (let round = 0; round < warmUpRounds; round++) await bed.pollRound();
  const ours: Cost[] = [];
  const theirs: Cost[] = [];
  for (let sample = 0; sample < samples; sample++) {
    await before();
    ours.push(
      await costOf(
        bed,
        () => bed.pollRound(),
        () => bed.daemonCpuMs(),
      ),
    );
    await before();
    theirs.push(
      await costOf(
        bed,
        () => bed.shell.baseline("poll.sh"),
        () => bed.shell.cpuMs(),
      ),
    );
  }
  const row = (what: string, cost: keyof Cost): Row => ({
    what,
    gitopper: ours.map((each) => each[cost]),
    plain: theirs.map((each) => each[cost]),
    target: null,
  });
  return [row(`${what}, CPU ms`, "cpuMs"), row("  its requests", "requests")];
}

async function costOf(bed: Bed, work: () => Promise<void>, cpuMs: () => number): Promise<Cost> {
  const cpuBeforeMs = cpuMs();
  const requestsBefore = bed.upstream.requests.length;
  await work();
  return { cpuMs: cpuMs() - cpuBeforeMs, requests: bed.upstream.requests.length - requestsBefore };
}
