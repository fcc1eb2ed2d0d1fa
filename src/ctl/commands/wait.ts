/** `--wait`: waits until the work that was asked for has ended, and tells how. */
import { deploymentsReply, type ServiceDetails, serviceDetails, unitLogReply } from "../../api/shapes.ts";
import { renderProgress } from "../../model/progress.ts";
import { concernsUnit } from "../../model/remedy.ts";
import type { Given, Option, Result, Session } from "../definition.ts";
import { Failure } from "../failure.ts";
import { checkSpan } from "../global-options.ts";
import { indented, wrapped } from "../present.ts";
import { askFor, pathOf, type Read } from "../reply.ts";
import { renderSteps, type Steps, watchSteps } from "../steps.ts";
import { parseSpan, renderSpan, renderWhen } from "../time.ts";
import { renderDoneTrail, type Trail } from "../trail.ts";
import { visible } from "../visible.ts";
import { serviceOf, textOf } from "./arguments.ts";
import { isAlarming, nextStepOf, shortened } from "./status.ts";

const fallback = "5m";
const everyMs = 500;

export const waitOption: Option = {
  long: "wait",
  value: "time",
  fallback,
  help: `wait until the work has ended, at most this long (${fallback}); ends with 3 if the service is BROKEN or DIFF then, or a commit waits for a window`,
  check: checkSpan,
};

/** Runs a change, and where the command line has `--wait`, gives how it went instead of the daemon's first answer. */
export async function thenWait(
  given: Given,
  session: Session,
  change: () => Promise<Result>,
): Promise<Result> {
  const limitMs = parseSpan(textOf(given, "wait") ?? "");
  if (limitMs === null) return change();
  const service = serviceOf(given);
  const before = await askDetails(session, service);
  await using steps = await watchSteps(session, service);
  await change();
  const { value, json } = await untilEnded(session, steps, before.value, limitMs);
  await catchUp(steps, session);
  if (isAlarming(value.state)) return { shown: { text: await failureText(session, value) }, json, status: 3 };
  const message = `${describe(session, value)}${doneOf(value, steps.trail())}`;
  return { shown: { message }, json, ...(value.waiting !== null && { status: 3 }) };
}

async function untilEnded(
  session: Session,
  steps: Steps,
  before: ServiceDetails,
  limitMs: number,
): Promise<Read<ServiceDetails>> {
  const { clock, progress, signal } = session;
  const { service } = before;
  const startedMs = clock.monotonicMs();
  for (;;) {
    // A daemon that restarts, maybe because this very change is of it, cannot be asked for a moment.
    const now = await askDetails(session, service).catch(keepFailure);
    const waitedMs = clock.monotonicMs() - startedMs;
    if (!(now instanceof Failure) && hasEnded(now.value, before)) return now;
    const doing = now instanceof Failure ? "it cannot be asked" : doingOf(now.value, steps);
    if (waitedMs >= limitMs || signal.aborted) throw gaveUp(now instanceof Failure ? now : doing, waitedMs);
    progress(`${doing}, ${renderSpan(waitedMs)}`);
    await clock.sleep(everyMs, signal);
  }
}

function doingOf({ service, state, deploying }: ServiceDetails, steps: Steps): string {
  if (deploying === null) return `${service} is ${state}, and busy`;
  steps.see(deploying);
  const trail = steps.trail();
  return trail?.[0].since === deploying.since
    ? renderSteps(service, trail)
    : `${service}: ${renderProgress(deploying)}`;
}

/** The last steps may still be on their way when the answer to a question has come already. */
async function catchUp(steps: Steps, { clock, signal }: Session): Promise<void> {
  for (let tries = 0; steps.isBehind() && tries < 20; tries++) await clock.sleep(100, signal);
}

/** What was done for the commit that is applied now, where all of it went well. */
function doneOf({ state, commit }: ServiceDetails, trail: Trail | null): string {
  if (trail === null || isAlarming(state) || trail[0].commit !== commit) return "";
  return `; done: ${renderDoneTrail(trail)}`;
}

function hasEnded(now: ServiceDetails, before: ServiceDetails): boolean {
  const looked = now.lookedAt !== null && now.lookedAt !== before.lookedAt;
  return looked && !now.busy && now.state !== "ROLLBACK";
}

function keepFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  throw error;
}

function gaveUp(last: Failure | string, waitedMs: number): Failure {
  const why = last instanceof Failure ? last.message : last;
  return new Failure(`Gave up waiting after ${renderSpan(waitedMs)}, and the work goes on: ${why}`);
}

function askDetails({ host }: Session, service: string): Promise<Read<ServiceDetails>> {
  return askFor(host, serviceDetails, { method: "GET", path: pathOf("/api/v1/services/{}", service) });
}

/** On a terminal each reason and what to do next have lines of their own. */
async function failureText(session: Session, details: ServiceDetails): Promise<string> {
  const { service, info } = details;
  const { look } = session;
  const said = concernsUnit(details) ? await lastWords(session, service) : "";
  const reasons = [info, ...(await failureOf(session, service, info))];
  if (look.width === null) return `${visible(`${headOf(details)}: ${reasons.join("; ")}`)}\n${said}`;
  const lines = [...reasons, `next: ${nextStepOf(details)}`].map(visible);
  return `${[wrapped(headOf(details), look.width), ...indented(lines, look)].join("\n")}\n${said}`;
}

/** `nginx is OK at 1a2b3c4d "nginx: larger pages"`. */
function headOf({ service, state, commit, subject }: ServiceDetails): string {
  const at = commit === null ? "" : ` at ${commit.slice(0, 8)}${subject ? ` "${subject}"` : ""}`;
  return `${service} is ${state}${at}`;
}

function describe(session: Session, details: ServiceDetails): string {
  const { service, info, waiting } = details;
  if (waiting !== null) {
    const until = waiting.at
      ? `, which opens ${renderWhen(waiting.at, session.look)}`
      : ", and none opens within a year";
    const held = `${waiting.commit.slice(0, 8)} was not deployed: it waits for ${waiting.why ?? "a window"}${until}`;
    return `${headOf(details)}; ${held}; gitopperctl pull --override-window --reason … ${service} deploys it now`;
  }
  return `${headOf(details)}${info === "" ? "" : ` (${shortened(info)})`}`;
}

const lastLines = 10;

/** What the unit said last, on lines of its own; nothing where that cannot be had. */
export async function lastWords(
  { host, look }: Pick<Session, "host" | "look">,
  service: string,
): Promise<string> {
  const path = `${pathOf("/api/v1/services/{}/log", service)}?lines=${lastLines}`;
  const said = await askFor(host, unitLogReply, { method: "GET", path }).catch(keepFailure);
  if (said instanceof Failure || said.value.lines.length === 0) return "";
  return `the end of its journal:\n${indented(said.value.lines.map(visible), look).join("\n")}\n`;
}

/** Why the last deployment failed, if it did and the state does not say so already. */
async function failureOf({ host }: Session, service: string, info: string): Promise<string[]> {
  const path = `${pathOf("/api/v1/services/{}/deployments", service)}?limit=1`;
  const { value } = await askFor(host, deploymentsReply, { method: "GET", path });
  const [last] = value.deployments;
  if (last?.result !== "failed" || last.reason === "" || info.includes(last.reason)) return [];
  return [`the deployment of ${last.to.slice(0, 8)} failed: ${last.reason}`];
}
