/** Steps aside: unmounts the single files of services for a time, so that a package manager can replace what is below. */
import type { Answer, Host } from "../api/host.ts";
import { bindsOf } from "../host/mounts/mounts.ts";
import type { AbsPath } from "../model/path.ts";
import type { Service } from "../model/service.ts";
import { renderInstant } from "../model/text/instant.ts";
import type { Life } from "../platform/life.ts";
import type { Mounts } from "../reconcile/ports.ts";
import { toProblem } from "../reconcile/to-problem.ts";
import type { UpstreamLoop } from "../sync/upstream-loop.ts";

/** Services that are aside are not reconciled; a restart of the daemon ends it too. */
export class Aside {
  readonly #ends = new Map<string, { readonly end: AbortController; readonly until: Date }>();

  has(service: string): boolean {
    return this.#ends.has(service);
  }

  /** For people: until when; empty when it is not aside. */
  words(service: string): string {
    const until = this.#ends.get(service)?.until;
    if (until === undefined) return "";
    return `its single files are unmounted until ${renderInstant(until)}, or gitopperctl resume ${service}`;
  }

  /** Returns the signal that ends it. */
  begin(service: string, until: Date): AbortSignal {
    this.#ends.get(service)?.end.abort();
    const end = new AbortController();
    this.#ends.set(service, { end, until });
    return end.signal;
  }

  /** Returns whether it was aside. */
  end(service: string): boolean {
    this.#ends.get(service)?.end.abort();
    return this.#ends.delete(service);
  }
}

interface Placed {
  readonly loop: Pick<UpstreamLoop, "enqueue" | "idle">;
  readonly service: Service;
}

export interface AsidePorts extends Life {
  readonly aside: Pick<Aside, "begin" | "end">;
  readonly mounts: Pick<Mounts, "suspend">;
}

/** How long to wait for a running reconcile; it may have started the very package manager that calls this. */
const reconcileMaxMs = 8_000;

/** Unmounts their single files; those of a service whose reconcile does not end in time stay. */
export async function stepAside(
  placed: readonly Placed[],
  { forMs }: Parameters<Host["aside"]>[0],
  ports: AsidePorts,
): Promise<Answer> {
  const { clock, aside } = ports;
  const those = placed.filter(({ service }) => filesOf(service).length > 0);
  const until = new Date(clock.now().getTime() + forMs);
  const begun = those.map((each) => ({ ...each, ended: aside.begin(each.service.name, until) }));
  const results = await Promise.all(
    begun.map(async (each) => ({ ...each, fault: await unmountFiles(each, ports) })),
  );
  const [stay, gone] = [
    results.filter(({ fault }) => fault !== null),
    results.filter(({ fault }) => fault === null),
  ];
  resume(stay, aside);
  for (const each of gone) void resumeLater(each, forMs, ports);
  const faults = stay.map(({ fault }) => fault).join("; ");
  if (gone.length === 0 && stay.length > 0)
    return { ok: false, why: "refused", message: `Cannot step aside: ${faults}` };
  const files = gone.flatMap(({ service }) => filesOf(service));
  if (files.length === 0) return { ok: true, message: "no single file is mounted" };
  const message = `unmounted ${files.join(", ")} until ${renderInstant(until)}, or you resume`;
  return { ok: true, message: faults === "" ? message : `${message}; ${faults}` };
}

/** Requests the reconciles that mount them again and tell their units. */
export function resume(placed: readonly Placed[], aside: Pick<Aside, "end">): Answer {
  const those = placed.filter(({ service }) => aside.end(service.name));
  for (const { loop, service } of those) loop.enqueue(service.name, "poll");
  const names = those.map(({ service }) => service.name);
  return {
    ok: true,
    message: names.length === 0 ? "no service is aside" : `mounting again: ${names.join(", ")}`,
  };
}

/** Null, or why not. */
async function unmountFiles(
  { loop, service }: Placed,
  { clock, mounts, log }: AsidePorts,
): Promise<string | null> {
  const { name } = service;
  const tooLate = new AbortController();
  const idle = loop.idle(name).then(() => true);
  const inTime = await Promise.race([idle, clock.sleep(reconcileMaxMs, tooLate.signal).then(() => false)]);
  tooLate.abort();
  if (!inTime) return `${name} is being deployed; try again when that is done`;
  try {
    await mounts.suspend({ service: name, checkout: service.checkout }, filesOf(service));
    log.info({ service: name }, `stepped aside: unmounted ${filesOf(service).join(", ")}`);
    return null;
  } catch (error) {
    return toProblem(error, "host", log).message;
  }
}

async function resumeLater(
  { loop, service, ended }: Placed & { readonly ended: AbortSignal },
  forMs: number,
  { aside, clock, stopping, log }: AsidePorts,
): Promise<void> {
  await clock.sleep(forMs, AbortSignal.any([ended, stopping]));
  if (ended.aborted || stopping.aborted) return;
  log.warn({ service: service.name }, "the time to be aside is over: mounting its files again");
  resume([{ loop, service }], aside);
}

function filesOf(service: Service): AbsPath[] {
  const files = service.links.filter(({ file }) => file);
  return bindsOf(service, files).map(({ target }) => target);
}
