/** The daemon's side of the API: finds the service that is meant, and calls the part that answers. */

import { hostname } from "node:os";
import type { EventRow } from "../api/event-shapes.ts";
import type { Host, SeenService } from "../api/host.ts";
import type { HostReply } from "../api/shapes.ts";
import type { EventLog, KeptEvent } from "../history/event-log.ts";
import { unitLog } from "../host/systemd/unit-log.ts";
import { isReleased } from "../model/state.ts";
import { version } from "../model/version.ts";
import type { Clock } from "../platform/clock.ts";
import { mark } from "../platform/trace/span.ts";
import { trackOf } from "../sync/create-services.ts";
import { type AsidePorts, resume, stepAside } from "./aside.ts";
import { type CommandPorts, freeze, pull, rollback, unfreeze } from "./commands.ts";
import { progressRow } from "./deploying.ts";
import { type DeploymentPorts, deploymentRows } from "./deployment-rows.ts";
import { type DetailsPorts, detailsOf } from "./details.ts";
import { type DriftPorts, driftDiffOf, driftOf } from "./drift.ts";
import { type Placed, type ServiceFinder, value } from "./find-services.ts";
import { commitsAhead, differenceTo, type PlanPorts, planFor, type RangePorts } from "./preview.ts";
import { type ReleaseCommandPorts, release } from "./release.ts";

/** What does not change while the daemon has one config, and what is wrong with it. */
export interface HostFacts extends Pick<Host, "stuckReason"> {
  readonly machines: readonly string[];
  /** That the host answers to since the start. */
  readonly names: readonly string[];
  readonly startedAt: Date;
  /** Of the HTTPS certificate; null without HTTPS. */
  readonly fingerprint: () => string | null;
}

export function createOverview(
  find: ServiceFinder,
  facts: HostFacts,
  ports: Pick<DetailsPorts, "statusOf" | "clock">,
): Pick<Host, "machines" | "services" | "stuckReason" | "about"> {
  const services = () => find.all.map(({ service }) => ports.statusOf(service.name));
  return {
    machines: () => facts.machines.map((machine) => ({ machine, actual: hostname() })),
    services,
    stuckReason: facts.stuckReason,
    about: () => about(services(), facts, ports.clock),
  };
}

function about(services: readonly SeenService[], facts: HostFacts, clock: Clock): HostReply {
  const states = Map.groupBy(services, ({ state }) => state.name);
  return {
    hostname: hostname(),
    names: [...facts.names],
    version,
    startedAt: facts.startedAt.toISOString(),
    now: clock.now().toISOString(),
    services: services.length,
    states: Object.fromEntries([...states].map(([state, those]) => [state, those.length])),
    fingerprint: facts.fingerprint(),
  };
}

export function createChanges(
  find: ServiceFinder,
  ports: CommandPorts,
): Pick<Host, "freeze" | "unfreeze" | "pull" | "rollback"> {
  return {
    freeze: (name, request) => find.one(name, (loop) => freeze(loop, name, request, ports)),
    unfreeze: (name, { by }) => find.one(name, (loop) => unfreeze(loop, name, by, ports)),
    pull: (name, how) =>
      find.one(name, (loop) => {
        mark({ name: "asked", track: trackOf(loop.group), about: { service: name } });
        return pull(loop, name, how, ports);
      }),
    rollback: (name, request) => find.one(name, (loop) => rollback(loop, name, request, ports)),
  };
}

export function createAsides(
  find: ServiceFinder,
  { records, ...ports }: AsidePorts & Pick<ReleaseCommandPorts, "records">,
): Pick<Host, "aside" | "resume"> {
  const isMounted = ({ service }: Placed) => !isReleased(records.get(service.name).state);
  return {
    aside: (request) =>
      find.some(request.service, (placed) => stepAside(placed.filter(isMounted), request, ports)),
    resume: (name) => find.some(name, async (placed) => resume(placed, ports.aside)),
  };
}

/** `self`: gitopper's own service, whose checkout has the config. */
export function createReleases(
  find: ServiceFinder,
  self: string | null,
  ports: ReleaseCommandPorts,
): Pick<Host, "release"> {
  const isOther = ({ service }: Placed) => service.name !== self;
  return {
    release: (request) =>
      find.some(request.service, async (placed) =>
        request.service !== null && request.service === self
          ? {
              ok: false,
              why: "refused",
              message: `Cannot release ${self}: the config comes from its checkout`,
            }
          : release(placed.filter(isOther), request, find.all, ports),
      ),
  };
}

type ReadPorts = DetailsPorts & DeploymentPorts & DriftPorts & RangePorts & PlanPorts;

/** What the API shows of a service. */
export function createReads(
  find: ServiceFinder,
  ports: ReadPorts,
): Pick<
  Host,
  "details" | "detailsOf" | "deployments" | "unitLog" | "drift" | "driftDiff" | "ahead" | "diff" | "plan"
> {
  return {
    details: () => Promise.all(find.all.map(({ service, loop }) => detailsOf(service, loop, ports))),
    detailsOf: (name) =>
      find.one(name, async (loop, service) => value(await detailsOf(service, loop, ports))),
    deployments: (name, page) =>
      find.one(name, async (loop) => value(await deploymentRows(name, page, loop, ports))),
    unitLog: (name, lines) => find.managed(name, () => unitLog(name, lines, ports.tools.exec)),
    drift: (name) => find.managed(name, (managed) => driftOf(managed, ports)),
    driftDiff: (name) => find.managed(name, (managed) => driftDiffOf(managed, ports)),
    ahead: (name, fresh) => find.managed(name, (managed, loop) => commitsAhead(managed, loop, fresh, ports)),
    diff: (name, to) => find.managed(name, (managed, loop) => differenceTo(managed, to, loop, ports)),
    plan: (name, how) => find.managed(name, (managed, loop) => planFor(managed, how, loop, ports)),
  };
}

/** Kept events, and progress. */
export function createEvents(
  log: Pick<EventLog, "list" | "newest" | "follow">,
  clock: Clock,
): Pick<Host, "events" | "newestEvent" | "followEvents"> {
  return {
    events: (page) => log.list(page).map(eventRow),
    newestEvent: () => log.newest(),
    async *followEvents(after, signal) {
      for await (const event of log.follow(after, signal))
        yield "id" in event ? eventRow(event) : progressRow(event, clock.now());
    },
  };
}

function eventRow({ at, ...rest }: KeptEvent): EventRow {
  return { ...rest, at: at.toISOString() };
}
