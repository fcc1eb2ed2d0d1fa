/** `status [service]`: one line per service, and exit status 3 when one is BROKEN or DIFF. */
import { detailsReply, type ServiceDetails } from "../../../api/shapes.ts";
import { renderProgress } from "../../../model/deployment/progress.ts";
import { remedyFor } from "../../../model/reason/remedy.ts";
import type { Command, CommandInput, Display, Result, Session } from "../../cli/definition.ts";
import { get } from "../../connect/reply.ts";
import { colourWith, stateColours } from "../../output/colours.ts";
import { type ColumnOf, type Tally, tableOf } from "../../output/table.ts";
import { renderInstant, renderSpan, renderWhen } from "../../output/time.ts";
import { maybeService } from "../arguments.ts";
import { askDetails } from "../requests.ts";

export const status: Command = {
  name: "status",
  example: "status @web1,web2",
  section: "Show",
  summary: "show state, commit and next step of each service; exits with 3 if one is BROKEN or DIFF",
  about:
    "AGE is the age of the commit, BEHIND the number of commits by which the branch is ahead. NEXT is the time of the next " +
    "automatic step: a poll, the deployment of a commit that waits for a window, or the end of a freeze. The reason of a state, " +
    "drift and the next step follow on separate lines; without a terminal they are in the column INFO.",
  arguments: [maybeService],
  action: { over: "hosts", run },
};

async function run({ arguments: { service } }: CommandInput, { host, display }: Session): Promise<Result> {
  const { value, json } = await (service === undefined
    ? get(host, detailsReply, "/api/v1/services")
    : askDetails(host, service));
  const services = "services" in value ? value.services : [value];
  const failing = services.some(({ state }) => isAlarming(state));
  const table = { ...tableOf(columns(display), services), tally: services.map(tallyOf) };
  return { shown: { table }, json, ...(failing && { status: 3 }) };
}

function tallyOf(details: ServiceDetails): Tally {
  const needing = needsPerson(details);
  return { needing, drifted: !needing && details.drift !== "", deploying: details.deploying !== null };
}

/** What a monitoring system should report. */
export function isAlarming(state: string): state is "BROKEN" | "DIFF" {
  return state === "BROKEN" || state === "DIFF";
}

/** A running deployment needs no person yet, because its result is unknown. */
function needsPerson({ state, bad, deploying }: ServiceDetails): boolean {
  return deploying === null && (isAlarming(state) || bad !== null);
}

function columns(display: Display): readonly ColumnOf<ServiceDetails>[] {
  return [
    { heading: "SERVICE", cutOrder: 3, keep: 18, cell: ({ service }) => service },
    { heading: "STATE", ...colourWith(stateColours, display), cell: ({ state }) => state },
    { heading: "COMMIT", cell: ({ commit }) => commit?.slice(0, 8) ?? "" },
    { heading: "SUBJECT", cutOrder: 1, keep: 12, dropOrder: 1, cell: ({ subject }) => subject ?? "" },
    { heading: "AGE", cutOrder: 5, keep: 23, cell: ({ committedAt }) => ageOf(committedAt, display) },
    { heading: "BEHIND", optional: true, cell: ({ behind }) => (behind === 0 ? "" : String(behind ?? "?")) },
    { heading: "NEXT", cutOrder: 4, keep: 23, cell: (details) => nextOf(details, display) },
    { heading: "INFO", below: true, optional: true, cell: infoOf },
  ];
}

/** The reason of the state, drift, what waits, and what to do next; one line each. */
function infoOf(details: ServiceDetails): string {
  const { info, deploying } = details;
  const doing = deploying === null ? "" : renderProgress(deploying);
  const next = nextStepOf(details);
  return [doing, shortened(info), next === "" ? "" : `next: ${next}`].filter(Boolean).join("\n");
}

/** Shortens commits in a text; the original's info of a rollback has the full id. */
export function shortened(text: string): string {
  return text.replace(/\b[0-9a-f]{40}(?:[0-9a-f]{24})?\b/g, (commit) => commit.slice(0, 8));
}

/** What an admin should do about it; empty: nothing. */
export function nextStepOf(details: ServiceDetails): string {
  const { service, state, reason, drift, bad, held, lookedAt } = details;
  const isNew = reason === undefined ? details.commit === null : reason === "not-deployed-yet";
  if (needsPerson(details) && lookedAt === null && isNew)
    return `gitopperctl pull ${service} --wait shows the first deployment`;
  if (drift !== "") return `gitopperctl drift ${service}`;
  if (!needsPerson(details)) return "";
  // A healthy service with a refused commit needs the same as one in DIFF.
  const alarm = isAlarming(state) ? state : "BROKEN";
  return remedyFor({ service, state: alarm, reason, bad: bad !== null, held: held !== null });
}

function ageOf(instant: string | null, { now, absolute }: Display): string {
  if (instant === null) return "";
  if (absolute) return renderInstant(instant);
  return renderSpan(Math.max(0, now.getTime() - Date.parse(instant)));
}

/** What happens next automatically: a waiting commit, the end of a hold, the next poll. */
function nextOf({ busy, waiting, held, nextLookAt }: ServiceDetails, display: Display): string {
  if (busy) return "busy";
  if (waiting !== null) return waiting.at === null ? "no window" : renderWhen(waiting.at, display);
  if (held !== null) return held.until === null ? "held" : renderWhen(held.until, display);
  return renderWhen(nextLookAt, display);
}
