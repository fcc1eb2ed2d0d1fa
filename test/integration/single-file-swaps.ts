/**
 * Replaces a mounted file again and again while a thread reads it, and prints what the thread has read, as JSON.
 * usage: single-file-swaps.ts WAY COUNT DIR, in a mount namespace of its own, whose mounts are gone with it
 */
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { type MountHands, mountBind } from "../../src/host/mounts/apply-mounts.ts";
import { CallFailure, findMountCalls, type MountCalls } from "../../src/host/mounts/mount-calls.ts";
import { createMounter } from "../../src/host/mounts/mounter.ts";
import { type Bind, observeBind, oursAt, readMountTable } from "../../src/host/mounts/mounts.ts";
import type { AbsPath } from "../../src/model/path.ts";
import { exec } from "../../src/platform/process/exec.ts";

/** `forbidden`: the calls are there, and a seccomp filter refuses them. */
export type SwapMethod = "beneath" | "two calls" | "programs" | "forbidden";

export interface Swaps {
  /** The kernel put at least one mount beneath another. */
  readonly beneath: boolean;
  readonly reads: number;
  /** Of what is neither the old file nor the new one. */
  readonly badReads: number;
  /** How long nothing else was seen, each time, in µs; sorted. */
  readonly holesUs: readonly number[];
  /** After the last replacement. */
  readonly text: string;
  /** Their options, oldest first. */
  readonly mounts: readonly (readonly string[])[];
}

/** Shared with the reader: whether it may stop, how many reads, how many bad ones, how many holes, and their lengths. */
const cells = { stop: 0, reads: 1, bad: 2, holes: 3, lengths: 4 };
const holesMax = 10_000;

if (isMainThread) await replaceAndTell();
else readOn(workerData as { target: string; shared: SharedArrayBuffer });

async function replaceAndTell(): Promise<void> {
  const [, , way = "beneath", count = "300", dir = ""] = process.argv;
  const checkout = join(dir, "checkout") as AbsPath;
  const bind: Bind = {
    checkout,
    source: join(checkout, "conf") as AbsPath,
    target: join(dir, "etc/conf") as AbsPath,
    file: true,
    readOnly: true,
  };
  const watched = { beneath: false };
  const hands = { exec, mounter: createMounter(exec, callsFor(way as SwapMethod, watched)) };
  mkdirSync(checkout, { recursive: true });
  const shared = new SharedArrayBuffer(4 * (cells.lengths + holesMax));
  const seen = new Int32Array(shared);
  await replace(bind, 0, hands);
  const reader = new Worker(new URL(import.meta.url), { workerData: { target: bind.target, shared } });
  for (let round = 1; round <= Number(count); round += 1) {
    await replace(bind, round, hands);
    const before = Atomics.load(seen, cells.reads);
    // The reader has opened the new mount, and maybe what there was before it.
    while (Atomics.load(seen, cells.reads) - before < 20) Atomics.wait(seen, cells.reads, before, 1);
  }
  Atomics.store(seen, cells.stop, 1);
  await new Promise((resolve) => reader.once("exit", resolve));
  const [, reads = 0, badReads = 0, holes = 0] = seen;
  const lengths = seen.slice(cells.lengths, cells.lengths + Math.min(holes, holesMax)).sort();
  const text = readFileSync(bind.target, "utf8");
  const mounts = (readMountTable().get(bind.target) ?? []).map(({ options }) => options);
  const { beneath } = watched;
  const told: Swaps = { beneath, reads, badReads, holesUs: [...lengths], text, mounts };
  process.stdout.write(JSON.stringify(told));
  rmSync(checkout, { recursive: true });
}

function callsFor(way: SwapMethod, watched: { beneath: boolean }): MountCalls | null {
  const calls = findMountCalls();
  if (calls === null || way === "programs") return null;
  if (way === "forbidden") return { ...calls, copy: () => refuse() };
  if (way === "two calls") return { ...calls, attachBeneath: () => false };
  return {
    ...calls,
    attachBeneath: (copy, top) => {
      const done = calls.attachBeneath(copy, top);
      watched.beneath ||= done;
      return done;
    },
  };
}

function refuse(): never {
  throw new CallFailure(constants.errno.EPERM);
}

/** As git does: a new file over the old one. */
async function replace(bind: Bind, round: number, hands: MountHands): Promise<void> {
  writeFileSync(`${bind.source}.new`, `version ${round}\n`.repeat(200));
  renameSync(`${bind.source}.new`, bind.source);
  const table = readMountTable();
  if (observeBind(bind, table) === "mounted") throw new Error("The old file is still the mounted one");
  const replaces = oursAt(bind, bind.target, table) === "on top";
  const root = { name: "root", uid: 0, gid: 0, home: "/root" };
  await mountBind({ ...bind, replaces }, root, hands);
}

function readOn({ target, shared }: { target: string; shared: SharedArrayBuffer }): void {
  const seen = new Int32Array(shared);
  const buffer = Buffer.alloc(8192);
  let holeSince: bigint | null = null;
  while (Atomics.load(seen, cells.stop) === 0) {
    const good = isWhole(target, buffer);
    Atomics.add(seen, cells.reads, 1);
    if (!good) {
      Atomics.add(seen, cells.bad, 1);
      holeSince ??= process.hrtime.bigint();
    } else if (holeSince !== null) {
      const hole = Atomics.add(seen, cells.holes, 1);
      if (hole < holesMax) seen[cells.lengths + hole] = Number((process.hrtime.bigint() - holeSince) / 1000n);
      holeSince = null;
    }
  }
}

function isWhole(target: string, buffer: Buffer): boolean {
  const fd = openSync(target, "r");
  const bytes = readSync(fd, buffer);
  closeSync(fd);
  const text = buffer.toString("latin1", 0, bytes);
  const [first = ""] = text.split("\n", 1);
  return /^version \d+$/.test(first) && text === `${first}\n`.repeat(200);
}
