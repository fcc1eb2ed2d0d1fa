/** Releases services while the daemon runs: their files stay as plain files, and it leaves them alone from then on. */
import type { Answer, Host } from "../api/host.ts";
import type { ServiceRecord } from "../history/kept.ts";
import type { Service } from "../model/service.ts";
import { isReleased } from "../model/state.ts";
import { maskSecrets } from "../model/text/mask.ts";
import { endingWith } from "../platform/abort.ts";
import type { Life } from "../platform/life.ts";
import type { CheckoutsOnDisk } from "../reconcile/checkout/checkouts.ts";
import type { Records } from "../reconcile/records.ts";
import {
  type Releasable,
  type Released,
  type ReleasePorts,
  releaseServices,
} from "../reconcile/release/release-services.ts";
import { logBug } from "../reconcile/to-problem.ts";
import type { UpstreamLoop } from "../sync/upstream-loop.ts";

interface Placed {
  readonly loop: Pick<UpstreamLoop, "enqueue" | "idle" | "alone"> & {
    readonly reconciles: Pick<UpstreamLoop["reconciles"], "supersede">;
  };
  readonly service: Service;
}

export interface ReleaseCommandPorts extends Life, Pick<ReleasePorts, "exec" | "mounter" | "trees" | "git"> {
  readonly records: Pick<Records, "get" | "records" | "mounts" | "sources" | "unmounted" | "release">;
  readonly checkouts: Pick<CheckoutsOnDisk, "forget">;
  /** Services in it are not reconciled. */
  readonly releasing: Set<string>;
}

/** A deployment that is superseded ends before that, unless it waits for a program. */
const reconcileMaxMs = 60_000;
/** Clients wait for ten seconds. */
const answerMaxMs = 8_000;

/** `placed`: the services of the request, of `all`. */
export async function release(
  placed: readonly Placed[],
  request: Parameters<Host["release"]>[0],
  all: readonly Placed[],
  ports: ReleaseCommandPorts,
): Promise<Answer> {
  const { releasing, clock } = ports;
  const busy = placed.find(({ service }) => releasing.has(service.name));
  if (busy) return refused(`${busy.service.name} is being released already`);
  const working = releaseThese(placed, request, all, ports);
  using late = endingWith(ports.stopping);
  const answer = await Promise.race([working, clock.sleep(answerMaxMs, late.signal).then(() => null)]);
  if (answer !== null) return answer;
  void working.catch((error: unknown) => logBug(error, ports.log));
  const names = placed.map(({ service }) => service.name).join(", ");
  return done(`${names}: copying the files takes a while; gitopperctl status shows when they are released`);
}

async function releaseThese(
  placed: readonly Placed[],
  request: Parameters<Host["release"]>[0],
  all: readonly Placed[],
  ports: ReleaseCommandPorts,
): Promise<Answer> {
  const { releasing, log } = ports;
  for (const { service } of placed) releasing.add(service.name);
  try {
    const late = await untilIdle(placed, ports);
    if (late !== null) return refused(`${late} is being deployed; try again when that is done`);
    const released = await releaseServices(...split(placed, all, ports), portsOf(placed, request, ports));
    for (const { service, done: lines, faults } of released) {
      for (const line of lines) log.info({ service }, line);
      for (const fault of faults) log.error({ service }, fault);
    }
    return answerOf(released);
  } finally {
    for (const { loop, service } of placed) {
      releasing.delete(service.name);
      // What was released of a service that stays is mounted again.
      if (!isReleased(ports.records.get(service.name).state)) loop.enqueue(service.name, "poll");
    }
  }
}

/** The service whose reconcile does not end; null: none. */
async function untilIdle(
  placed: readonly Placed[],
  { clock, stopping }: ReleaseCommandPorts,
): Promise<string | null> {
  using late = endingWith(stopping);
  const tooLate = clock.sleep(reconcileMaxMs, late.signal).then(() => false);
  for (const { loop, service } of placed) {
    loop.reconciles.supersede(service.name, "a release");
    const idle = loop.idle(service.name).then(() => true);
    if (!(await Promise.race([idle, tooLate]))) return service.name;
  }
  return null;
}

/** What is released, and what is not and may be in the way. */
function split(
  placed: readonly Placed[],
  all: readonly Placed[],
  { records }: ReleaseCommandPorts,
): [Releasable[], Releasable[]] {
  const releasable = ({ service: { name } }: Placed): Releasable => ({
    ...placeOf(records.get(name)),
    mounts: records.mounts(name),
    sources: records.sources(name),
  });
  const others = all.filter((each) => !placed.some(({ service }) => service.name === each.service.name));
  const managed = others.filter(({ service }) => !isReleased(records.get(service.name).state));
  return [placed.map(releasable), managed.map(releasable)];
}

function placeOf({ service, checkout, store, user }: ServiceRecord) {
  return { service, checkout, store, user };
}

function portsOf(
  placed: readonly Placed[],
  { by, reason }: Parameters<Host["release"]>[0],
  ports: ReleaseCommandPorts,
): ReleasePorts {
  const { exec, mounter, trees, git, clock, records, checkouts } = ports;
  return {
    ...{ exec, mounter, trees, git, now: clock.now(), unmountOnly: false },
    unmounted: (target) => records.unmounted(target),
    onPlaced: (service) => {
      records.release(service, { by, reason: maskSecrets(reason) });
      checkouts.forget(service);
    },
    alone: (name, work) => {
      const { loop } = placed.find(({ service }) => service.name === name) ?? {};
      return loop === undefined ? work() : loop.alone(work);
    },
  };
}

function answerOf(released: readonly Released[]): Answer {
  const faults = released.flatMap(({ faults: of }) => of);
  const lines = released.flatMap(({ service, done: of, faults: bad }) =>
    bad.length > 0 ? [] : [`${service} is released; ${of.join("; ") || "nothing of it was mounted"}`],
  );
  if (faults.length > 0) return refused([...lines, ...faults].join("; "));
  return done(lines.length === 0 ? "there is no service to release" : lines.join("; "));
}

const done = (message: string): Answer => ({ ok: true, message });
const refused = (message: string): Answer => ({ ok: false, why: "refused", message });
