/** Describes for people how the work on a service has ended. */
import { deploymentsReply, type ServiceDetails, unitLogReply } from "../../api/shapes.ts";
import { concernsUnit } from "../../model/reason/remedy.ts";
import type { Result, Session } from "../cli/definition.ts";
import type { Read } from "../connect/reply.ts";
import { Failure, keepFailure } from "../failure.ts";
import { indented, wrapped } from "../output/present.ts";
import { renderCompletedSteps, type SeenSteps } from "../output/seen-steps.ts";
import { renderOpening } from "../output/time.ts";
import { visible } from "../output/visible.ts";
import { askService } from "./requests.ts";
import { isAlarming, nextStepOf, shortened } from "./show/status.ts";

/** With the steps, and exit status 3 when the service is unhealthy or its commit waits. */
export async function resultOf(
  session: Session,
  { value, json }: Read<ServiceDetails>,
  steps: SeenSteps | null,
): Promise<Result> {
  if (isAlarming(value.state)) return { shown: { text: await failureText(session, value) }, json, status: 3 };
  const message = `${describe(session, value)}${doneOf(value, steps)}`;
  return { shown: { message }, json, ...(value.waiting !== null && { status: 3 }) };
}

/** The steps of the applied commit's deployment. */
function doneOf({ commit }: ServiceDetails, steps: SeenSteps | null): string {
  if (steps === null || steps[0].commit !== commit) return "";
  return `; done: ${renderCompletedSteps(steps)}`;
}

/** On a terminal each reason and next step has lines of its own. */
async function failureText(session: Session, details: ServiceDetails): Promise<string> {
  const { service, info } = details;
  const { display } = session;
  const said = concernsUnit(details) ? await unitLogTail(session, service) : "";
  const reasons = [info, ...(await failureOf(session, service, info))];
  if (display.width === null) return `${visible(`${headOf(details)}: ${reasons.join("; ")}`)}\n${said}`;
  const lines = [...reasons, `next: ${nextStepOf(details)}`].map(visible);
  return `${[wrapped(headOf(details), display.width), ...indented(lines, display)].join("\n")}\n${said}`;
}

/** `nginx is OK at 1a2b3c4d "nginx: larger pages"`. */
function headOf({ service, state, commit, subject }: ServiceDetails): string {
  const at = commit === null ? "" : ` at ${commit.slice(0, 8)}${subject ? ` "${subject}"` : ""}`;
  return `${service} is ${state}${at}`;
}

function describe(session: Session, details: ServiceDetails): string {
  const { service, info, waiting } = details;
  if (waiting !== null) {
    const opening = renderOpening(waiting.at, session.display);
    const held = `${waiting.commit.slice(0, 8)} was not deployed: it waits for ${waiting.why ?? "a window"}, ${opening}`;
    return `${headOf(details)}; ${held}; gitopperctl pull --override-window --reason … ${service} deploys it now`;
  }
  return `${headOf(details)}${info === "" ? "" : ` (${shortened(info)})`}`;
}

const lastLines = 10;

/** The end of the unit's journal on lines of its own; empty when it cannot be read. */
export async function unitLogTail(
  { host, display }: Pick<Session, "host" | "display">,
  service: string,
): Promise<string> {
  const said = await askService(host, service, unitLogReply, `/log?lines=${lastLines}`).catch(keepFailure);
  if (said instanceof Failure || said.value.lines.length === 0) return "";
  return `the end of its journal:\n${indented(said.value.lines.map(visible), display).join("\n")}\n`;
}

/** Why the last deployment failed, unless the state says so already. */
async function failureOf({ host }: Session, service: string, info: string): Promise<string[]> {
  const { value } = await askService(host, service, deploymentsReply, "/deployments?limit=1");
  const [last] = value.deployments;
  if (last?.result !== "failed" || last.reason === "" || info.includes(last.reason)) return [];
  return [`the deployment of ${last.to.slice(0, 8)} failed: ${last.reason}`];
}
