/** What the measure `peers` asks of each tool that an administrator could choose. */
import type { ServedUpstream } from "../../test/host/http-upstream.ts";
import type { Bed } from "../bed.ts";

export interface Peer {
  /** The head of its column. */
  readonly name: string;
  /** Debian packages besides those of every bench; its version is theirs. */
  readonly packages: readonly string[];
  /** All that it writes: clones, caches, copies. */
  readonly directories: readonly string[];
  /** The unit that it runs in; a `resident` one also runs when there is nothing to do. */
  readonly unit: string;
  readonly resident: boolean;
  makeBed(upstream: ServedUpstream, services: number): Promise<Bed>;
  /** From nothing to running services; resolves when they run. */
  bringUp(bed: Bed): Promise<void>;
  /** The CPU time of what brings up the services, so far. */
  cpuMs(bed: Bed): number;
  /** Some runs that find nothing new; null: it never polls by itself. */
  readonly looks: ((bed: Bed) => Promise<Cost[]>) | null;
  /** Tells it of a commit, or starts the run that finds it; resolves when its work is over. */
  tell(bed: Bed, commit: string): Promise<unknown>;
}

export interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly requests: number;
}

/** What some work costs. `cpuMs`: the CPU time so far. */
export async function costOf(bed: Bed, work: () => Promise<unknown>, cpuMs: () => number): Promise<Cost> {
  const before = { cpuMs: cpuMs(), requests: bed.upstream.requests.length, atMs: performance.now() };
  await work();
  const wallMs = performance.now() - before.atMs;
  return {
    wallMs,
    cpuMs: cpuMs() - before.cpuMs,
    requests: bed.upstream.requests.length - before.requests,
  };
}
