/** Requested polls of an upstream, compared with a `git fetch` each. */
import { type Bed, listPath } from "./bed.ts";
import type { Row } from "./result.ts";

const warmUpRounds = 10;
const samples = 15;

interface Cost {
  readonly cpuMs: number;
  readonly requests: number;
}

interface Looks {
  readonly what: string;
  /** Runs before each poll, with and without gitopper. */
  readonly before?: () => Promise<void>;
}

/** They take turns on one host; answers their CPU time and their requests. */
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
