/** What the daemon's polls cost while nothing is new, compared with a shell loop. */
import { setTimeout as pause } from "node:timers/promises";
import type { Bed } from "./bed.ts";
import type { Row } from "./result.ts";

/** The services' interval; what the daemon does besides polls, such as the drift scan, is in `idle`. */
export const pollEvery = "2s";
const samples = 5;
const sampleMs = 10_000;
const warmUpMs = 10_000;

interface Way {
  readonly what: string;
  /** How many there have been so far, of both. */
  readonly polls: () => Promise<number>;
  readonly requests: () => number;
  /** Polls a few times from a shell. */
  readonly plain: () => Promise<unknown>;
}

/** The daemon polls by itself, at `pollEvery`; between the samples the shell does. Answers CPU time and requests of a poll. */
export async function comparePolls(bed: Bed, { what, polls, requests, plain }: Way): Promise<[Row, Row]> {
  await bed.startDaemon();
  await pause(warmUpMs);
  const ours: Cost[] = [];
  const theirs: Cost[] = [];
  const sample = async (work: () => Promise<unknown>, cpuMs: () => number): Promise<Cost> => {
    const before = { cpuMs: cpuMs(), polls: await polls(), requests: requests() };
    await work();
    const count = (await polls()) - before.polls;
    return { cpuMs: (cpuMs() - before.cpuMs) / count, requests: (requests() - before.requests) / count };
  };
  for (let round = 0; round < samples; round++) {
    ours.push(
      await sample(
        () => pause(sampleMs),
        () => bed.daemonCpuMs(),
      ),
    );
    await bed.shell.run("systemctl kill --kill-who=main --signal=STOP gitopper");
    theirs.push(await sample(plain, () => bed.shell.cpuMs()));
    await bed.shell.run("systemctl kill --kill-who=main --signal=CONT gitopper");
  }
  const row = (name: string, cost: keyof Cost): Row => ({
    what: name,
    gitopper: ours.map((each) => each[cost]),
    plain: theirs.map((each) => each[cost]),
    target: null,
  });
  return [row(`${what}, CPU ms`, "cpuMs"), row("  its requests", "requests")];
}

interface Cost {
  readonly cpuMs: number;
  readonly requests: number;
}
