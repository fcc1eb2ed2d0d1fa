/** The daemon's side of the API: finds the service that is meant, and asks the part that knows. */
import { hostname } from "node:os";
import type { ProgressRow } from "../api/deploying-shape.ts";
import type { Answer, Found, Host, Refusal } from "../api/host.ts";
import type { EventRow, HostReply } from "../api/shapes.ts";
import type { AuditTrail } from "../history/audit-trail.ts";
import type { EventLog, KeptEvent } from "../history/event-log.ts";
import type { TokenFile } from "../history/token-file.ts";
import { unitLog } from "../host/systemd/unit-log.ts";
import { Problem } from "../model/problem.ts";
import type { Progress } from "../model/progress.ts";
import type { Service } from "../model/service.ts";
import { version } from "../model/version.ts";
import type { Clock } from "../platform/clock.ts";
import { mark } from "../platform/trace/span.ts";
import type { Context } from "../reconcile/context.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import { trackOf } from "../sync/create-services.ts";
import type { UpstreamLoop } from "../sync/upstream-loop.ts";
import { type Placed, resume, stepAside } from "./aside.ts";
import { freeze, pull, rollback, unfreeze } from "./commands.ts";
import { progressRow } from "./deploying.ts";
import { deploymentRows } from "./deployment-rows.ts";
import { detailsOf, driftDiffOf, driftOf } from "./details.ts";
import { type Examined, examine } from "./doctor/doctor.ts";
import { commitsAhead, differenceTo, planFor } from "./preview.ts";
import { SharedAnswer } from "./shared-answer.ts";
import { createAudit, createTokens } from "./tokens.ts";

/** What the API reads of the daemon besides its services. */
export interface HostParts {
  readonly context: Context;
  readonly eventLog: EventLog;
  readonly tokenFile: TokenFile;
  readonly auditTrail: AuditTrail;
  readonly startedAt: Date;
}

export interface Steered extends Examined {
  readonly parts: HostParts;
  readonly machines: readonly string[];
  readonly loops: readonly UpstreamLoop[];
  /** Empty while all loops run. */
  readonly ailment: () => string;
  /** Of the HTTPS certificate; null without HTTPS. */
  readonly fingerprint: () => string | null;
}

export function createHost(steered: Steered): Host {
  const { parts, machines, loops, ailment } = steered;
  const { context, eventLog } = parts;
  const asked = { ...context, git: context.readOnlyGit };
  const examined = new SharedAnswer(() => examine(loops, steered, asked), context.clock);
  const find = finder(loops);
  return {
    machines: () => machines.map((machine) => ({ machine, actual: hostname() })),
    services: () =>
      find.all().map(({ service: { name }, loop }) => {
        const progress = loop.managed(name)?.underWay?.progress ?? null;
        return { ...context.records.status(name), progress };
      }),
    stuckReason: ailment,

    freeze: (name, wish) => find.loop(name, (loop) => freeze(loop, name, wish, context)),
    unfreeze: (name, { by }) => find.loop(name, (loop) => unfreeze(loop, name, by, context)),
    pull: (name, how) =>
      find.loop(name, (loop) => {
        mark({ name: "asked", track: trackOf(loop.group), about: { service: name } });
        return pull(loop, name, how, context);
      }),
    rollback: (name, wish) => find.loop(name, (loop) => rollback(loop, name, wish, context)),

    aside: (wish) => find.some(wish.service, (placed) => stepAside(placed, wish, context)),
    resume: (name) => find.some(name, async (placed) => resume(placed, context)),

    about: () => about(steered),
    details: () => Promise.all(find.all().map(({ service, loop }) => detailsOf(service, loop, context))),
    detailsOf: (name) =>
      find.loop(name, async (loop, service) => value(await detailsOf(service, loop, context))),
    deployments: async (name, page) =>
      find.loop(name, async (loop) => value(await deploymentRows(name, page, loop, asked))),
    ahead: (name, fresh) => find.managed(name, (managed, loop) => commitsAhead(managed, loop, fresh, asked)),
    diff: (name, to) => find.managed(name, (managed, loop) => differenceTo(managed, to, loop, asked)),
    drift: (name) => find.managed(name, (managed) => driftOf(managed, asked)),
    driftDiff: (name) => find.managed(name, (managed) => driftDiffOf(managed, asked)),
    plan: (name, how) => find.managed(name, (managed, loop) => planFor(managed, how, loop, asked)),
    unitLog: (name, lines) => find.managed(name, ({ service }) => unitLog(service.name, lines, context.exec)),
    doctor: (fresh) => examined.ask(fresh),

    events: (page) => eventLog.list(page).map(eventRow),
    newestEvent: () => eventLog.newest(),
    followEvents: (after, signal) => followed(eventLog.follow(after, signal), context.clock),

    tokens: createTokens(parts.tokenFile, context.clock),
    audit: createAudit(parts.auditTrail, context.clock, context.log),
  };
}

const value = <T>(found: T): Found<T> => ({ ok: true, value: found });
const unknown = (service: string): Refusal => ({
  ok: false,
  why: "unknown",
  message: `There is no service "${service}" on host ${hostname()}; gitopperctl status lists its services`,
});
const refused = (message: string): Refusal => ({ ok: false, why: "refused", message });

/** Finds services by their names. */
function finder(loops: readonly UpstreamLoop[]) {
  const known = new Map(
    loops.flatMap((loop) => loop.group.services.map((service) => [service.name, { service, loop }] as const)),
  );
  const all = [...known.values()].sort((a, b) => (a.service.name < b.service.name ? -1 : 1));
  const loop = async <A extends Answer | Found<unknown>>(
    name: string,
    work: (loop: UpstreamLoop, service: Service) => Promise<A> | A,
  ): Promise<A | Refusal> => {
    const found = known.get(name);
    return found === undefined ? unknown(name) : work(found.loop, found.service);
  };
  return {
    all: () => all,
    /** One, or all of them. */
    some: async (name: string | null, work: (placed: readonly Placed[]) => Promise<Answer>) => {
      const found = name === null ? all : all.filter(({ service }) => service.name === name);
      return name !== null && found.length === 0 ? unknown(name) : work(found);
    },
    loop,
    /** For what needs the store; a problem is a refusal with its message. */
    managed: <T>(name: string, work: (managed: ManagedService, loop: UpstreamLoop) => Promise<T>) =>
      loop<Found<T>>(name, async (found) => {
        const managed = found.managed(name);
        if (managed === undefined) return refused(`${name} has not been set up yet`);
        try {
          return value(await work(managed, found));
        } catch (error) {
          if (error instanceof Problem) return refused(error.message);
          throw error;
        }
      }),
  };
}

function about({ parts, names, loops, fingerprint }: Steered): HostReply {
  const { context, startedAt } = parts;
  const services = loops.flatMap(({ group }) => group.services);
  const states = Map.groupBy(services, ({ name }) => context.records.status(name).state.name);
  return {
    hostname: hostname(),
    names: [...names],
    version,
    startedAt: startedAt.toISOString(),
    now: context.clock.now().toISOString(),
    services: services.length,
    states: Object.fromEntries([...states].map(([state, those]) => [state, those.length])),
    fingerprint: fingerprint(),
  };
}

function eventRow({ at, ...rest }: KeptEvent): EventRow {
  return { ...rest, at: at.toISOString() };
}

async function* followed(
  events: AsyncIterable<KeptEvent | Progress>,
  clock: Clock,
): AsyncGenerator<EventRow | ProgressRow> {
  for await (const event of events) yield "id" in event ? eventRow(event) : progressRow(event, clock.now());
}
