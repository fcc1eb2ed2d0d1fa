/** `--wait`: waits until the requested work has ended, and reports its result; for several services at once. */
import * as z from "zod/mini";
import { detailsReply, type ServiceDetails } from "../../../api/shapes.ts";
import { renderProgress } from "../../../model/deployment/progress.ts";
import { createLimit } from "../../../platform/fair-semaphore.ts";
import type { CommandInput, Option, Result, Session } from "../../cli/definition.ts";
import { checkSpan } from "../../cli/global-options.ts";
import { get, type Read } from "../../connect/reply.ts";
import { Failure, keepFailure } from "../../failure.ts";
import { latest } from "../../output/progress.ts";
import { renderSteps, type Steps, watchSteps } from "../../output/steps.ts";
import { parseSpan, renderSpan } from "../../output/time.ts";
import { serviceOf, textOf } from "../arguments.ts";
import { askDetails } from "../requests.ts";
import { resultOf } from "../wait-result.ts";

const fallback = "5m";
const everyMs = 500;

/** Requests at the same time; a daemon limits connections. */
const atOnce = 8;

export const waitOption: Option = {
  long: "wait",
  value: "time",
  fallback,
  help: `wait until the work has ended, at most this long (${fallback}); ends with 3 if the service is BROKEN or DIFF then, or a commit waits for a window`,
  check: checkSpan,
};

/** The result of a change for each service. */
export type Outcomes = ReadonlyMap<string, Result | Failure>;

type Change = (service: string) => Promise<Result>;

/** Runs a change, and with `--wait` returns its final result instead of the daemon's first answer. */
export async function thenWait(
  input: CommandInput,
  session: Session,
  change: () => Promise<Result>,
): Promise<Result> {
  const service = serviceOf(input);
  const outcome = (await changeEach(input, session, [service], change)).get(service);
  if (outcome === undefined || outcome instanceof Failure) throw outcome;
  return outcome;
}

/**
 * The same for several services: changes all at once, and with `--wait` waits for all at once. A failure of one does not
 * stop the others. @throws Failure when the host does not answer beforehand
 */
export async function changeEach(
  input: CommandInput,
  session: Session,
  services: readonly string[],
  change: Change,
): Promise<Outcomes> {
  const limitMs = parseSpan(textOf(input, "wait") ?? "");
  if (limitMs === null) return forEach(services, change);
  const before = await askDetailsOf(session, services);
  await using steps = await watchSteps(session, services);
  const changed = await forEach(services, change);
  const accepted = services.filter((service) => !(changed.get(service) instanceof Failure));
  const ended = await untilEnded(session, steps, { services: accepted, before, limitMs });
  await catchUp(steps, session);
  const finished = await forEach(accepted, async (service) => {
    const end = ended.get(service);
    if (end === undefined || end instanceof Failure) throw end;
    return resultOf(session, end, steps.seenSteps(service));
  });
  return new Map([...changed, ...finished]);
}

async function forEach(services: readonly string[], work: Change): Promise<Outcomes> {
  const limit = createLimit(atOnce);
  const one = async (service: string) => [service, await work(service).catch(keepFailure)] as const;
  return new Map(await Promise.all(services.map((service) => limit(() => one(service)))));
}

type Details = ReadonlyMap<string, Read<ServiceDetails>>;

interface Waiting {
  readonly services: readonly string[];
  readonly before: Details;
  readonly limitMs: number;
}

type Ends = Map<string, Read<ServiceDetails> | Failure>;

async function untilEnded(session: Session, steps: Steps, waiting: Waiting): Promise<Ends> {
  const { clock, progress, signal } = session;
  const { services, before, limitMs } = waiting;
  const ends: Ends = new Map();
  const startedMs = clock.monotonicMs();
  let open = services;
  while (open.length > 0) {
    // A restarting daemon, maybe because of this very change, is unreachable for a moment.
    const now = await askDetailsOf(session, open).catch(keepFailure);
    for (const end of endedIn(now, before)) ends.set(...end);
    open = services.filter((service) => !ends.has(service));
    const doing = open.map((service) => doingOf(service, now, steps));
    const waitedMs = clock.monotonicMs() - startedMs;
    if (waitedMs >= limitMs) {
      const head = `Gave up waiting after ${renderSpan(waitedMs)}, and the work goes on`;
      const rest = open.map((service, index) => [service, new Failure(`${head}: ${doing[index]}`)] as const);
      return new Map([...ends, ...rest]);
    }
    if (open.length > 0) progress(`${together(doing, services.length)}, ${renderSpan(waitedMs)}`);
    await clock.sleep(everyMs, signal);
  }
  return ends;
}

function endedIn(now: Details | Failure, before: Details): [string, Read<ServiceDetails>][] {
  if (now instanceof Failure) return [];
  return [...now].filter(([service, { value }]) => hasEnded(value, before.get(service)?.value));
}

function hasEnded(now: ServiceDetails, before: ServiceDetails | undefined): boolean {
  const reconciled = now.lookedAt !== null && now.lookedAt !== before?.lookedAt;
  return reconciled && !now.busy && now.state !== "ROLLBACK";
}

/** `waiting for 2 of 5: nginx 1a2b3c4d: reloaded · caddy is OK, and busy`. */
function together(doing: readonly string[], of: number): string {
  return of === 1 ? doing.join() : `waiting for ${doing.length} of ${of}: ${doing.map(latest).join(" · ")}`;
}

function doingOf(service: string, now: Details | Failure, steps: Steps): string {
  if (now instanceof Failure) return now.message;
  const details = now.get(service)?.value;
  if (details === undefined) return `${service} has left the config`;
  const { state, deploying } = details;
  if (deploying === null) return `${service} is ${state}, and busy`;
  steps.see(service, deploying);
  const seen = steps.seenSteps(service);
  return seen?.[0].since === deploying.since
    ? renderSteps(service, seen)
    : `${service}: ${renderProgress(deploying)}`;
}

/** The last steps may still be in transit when the daemon has already answered. */
async function catchUp(steps: Steps, { clock, signal }: Session): Promise<void> {
  for (let tries = 0; steps.isBehind() && tries < 20; tries++) await clock.sleep(100, signal);
}

const asTheyCame = z.object({ services: z.array(z.unknown()) });

/** One request for all of them. A service that has left the config is missing. */
async function askDetailsOf({ host }: Session, services: readonly string[]): Promise<Details> {
  const [only, ...more] = services;
  if (only !== undefined && more.length === 0) return new Map([[only, await askDetails(host, only)]]);
  const { value, json } = await get(host, detailsReply, "/api/v1/services");
  const bodies = z.parse(asTheyCame, JSON.parse(json)).services.map((body) => JSON.stringify(body));
  const all = value.services.map((details, index) => [details, bodies[index] ?? ""] as const);
  const wanted = all.filter(([{ service }]) => services.includes(service));
  return new Map(wanted.map(([details, body]) => [details.service, { value: details, json: body }]));
}
