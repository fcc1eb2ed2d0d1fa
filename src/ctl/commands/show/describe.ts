/** `describe <service>`: all details of a service on a page. */
import {
  type DeploymentRow,
  type DriftReply,
  deploymentsReply,
  driftReply,
  type ServiceDetails,
} from "../../../api/shapes.ts";
import { renderProgress } from "../../../model/deployment/progress.ts";
import { isBadCommitReason } from "../../../model/reason/state-reason.ts";
import type { Command, CommandInput, Display, Result, Session } from "../../cli/definition.ts";
import type { Read } from "../../connect/reply.ts";
import { Failure, keepFailure } from "../../failure.ts";
import { type Colour, paint, stateColours } from "../../output/colours.ts";
import { renderTable } from "../../output/table.ts";
import { renderWhen } from "../../output/time.ts";
import { roomBeside, visible, wrap } from "../../output/visible.ts";
import { oneService, serviceOf } from "../arguments.ts";
import { askDetails, askService } from "../requests.ts";
import { deploymentsTable } from "./deployments-table.ts";
import { isAlarming, nextStepOf } from "./status.ts";

export const describe: Command = {
  name: "describe",
  example: "describe nginx @web1",
  section: "Show",
  summary: "show everything about a service; exits with 3 if it is BROKEN or DIFF",
  about:
    "State and next step, commit and upstream, running deployment, waiting commit, hold, unit, links, drift, and the " +
    "last five deployments. Fields that do not apply are omitted. With --json: details, drift and deployments as in the API.",
  arguments: [oneService],
  action: { over: "hosts", run },
};

type Drift = Read<DriftReply> | Failure;

async function run(input: CommandInput, { host, display }: Session): Promise<Result> {
  const service = serviceOf(input);
  const [details, drift, deployments] = await Promise.all([
    askDetails(host, service),
    askService(host, service, driftReply, "/drift").catch(keepFailure),
    askService(host, service, deploymentsReply, "/deployments?limit=5"),
  ]);
  const text = [
    ...linesOf(details.value, drift, display),
    "",
    ...lastDeployments(deployments.value.deployments, display),
  ].join("\n");
  const driftJson = drift instanceof Failure ? "null" : drift.json.trim();
  return {
    shown: { text: `${text}\n` },
    json: `{"details":${details.json.trim()},"drift":${driftJson},"deployments":${deployments.json.trim()}}`,
    ...(isAlarming(details.value.state) && { status: 3 }),
  };
}

function lastDeployments(rows: readonly DeploymentRow[], display: Display): string[] {
  if (rows.length === 0) return ["no deployments yet"];
  return ["Last deployments", renderTable(deploymentsTable(rows, null, display), display.width).trimEnd()];
}

function linesOf(details: ServiceDetails, drift: Drift, display: Display): string[] {
  const { service, state, changedAt, info, upstream, branch, checkout, user } = details;
  const { deploying, lookedAt, nextLookAt } = details;
  const reconciled = lookedAt === null ? "not yet" : renderWhen(lookedAt, display);
  const next = nextLookAt === null ? "" : `, next ${renderWhen(nextLookAt, display)}`;
  const row = (label: string, value: string, of?: Colour) => field(label, value, display, of);
  return [
    ...row("Service", service),
    ...row("State", `${state}, changed ${renderWhen(changedAt, display)}`, stateColours[state]),
    ...row("Reason", isSaidBelow(details) ? "" : info),
    ...row("To do", nextStepOf(details)),
    ...row("Under way", deploying === null ? "" : renderProgress(deploying)),
    ...row("Waiting", waitingOf(details, display)),
    ...row("Held", heldOf(details, display)),
    ...row("Bad commit", badOf(details, display)),
    ...row("Commit", commitOf(details, display)),
    ...row("Upstream", `${upstream}, branch ${branch}${aheadOf(details)}`),
    ...row("Looked", `${reconciled}${next}`),
    ...row("Unit", unitOf(details, display)),
    ...row("Checkout", `${checkout}, of ${user}`),
    ...linksOf(details, drift).flatMap((link, index) => row(index === 0 ? "Links" : "", link)),
    ...row("Drift", driftOf(details, drift)),
  ];
}

const labelColumns = 12;

/** Empty without a value; a value that is too long continues below itself. */
function field(label: string, value: string, display: Display, of?: Colour): string[] {
  if (value === "") return [];
  const lines = wrap(visible(value), roomBeside(labelColumns, display));
  const shown = lines.map((line) => (display.colour && of !== undefined ? paint(line, of) : line));
  return shown.map((line, index) => (index === 0 ? label : "").padEnd(labelColumns) + line);
}

/** The reason is the hold, the waiting commit, or the drift. */
function isSaidBelow({ state, held, waiting, info, drift }: ServiceDetails): boolean {
  return !isAlarming(state) && (held !== null || waiting !== null || info === drift);
}

function commitOf({ commit, subject, committedAt }: ServiceDetails, display: Display): string {
  if (commit === null) return "none yet";
  const made = committedAt === null ? "" : `, ${renderWhen(committedAt, display)}`;
  return `${commit.slice(0, 8)}${subject ? ` "${subject}"` : ""}${made}`;
}

function aheadOf({ tip, behind }: ServiceDetails): string {
  if (tip === null || behind === 0) return "";
  const by = behind === null ? "" : `, ${behind} ${behind === 1 ? "commit" : "commits"} ahead`;
  return ` at ${tip.slice(0, 8)}${by}`;
}

function waitingOf({ waiting }: ServiceDetails, display: Display): string {
  if (waiting === null) return "";
  const opens = waiting.at === null ? "none opens within a year" : `opens ${renderWhen(waiting.at, display)}`;
  return `${waiting.commit.slice(0, 8)} waits for ${waiting.why ?? "a window"}, ${opens}`;
}

function heldOf({ held, reason: code }: ServiceDetails, display: Display): string {
  if (held === null) return "";
  const { commit, by, reason, since, until } = held;
  return [
    code === "released" ? "released" : commit === null ? "where it is" : `at ${commit.slice(0, 8)}`,
    by === "" ? "" : ` by ${by}`,
    since === null ? "" : `, ${renderWhen(since, display)}`,
    until === null ? ", until you unfreeze it" : `, ends ${renderWhen(until, display)}`,
    reason === "" ? "" : `: ${reason}`,
  ].join("");
}

function badOf({ bad, reason }: ServiceDetails, display: Display): string {
  // The reason contains it already.
  if (bad === null || isBadCommitReason(reason)) return "";
  return `${bad.commit.slice(0, 8)} ${bad.verdict} ${renderWhen(bad.at, display)}: ${bad.reason}`;
}

function unitOf({ unit, action }: ServiceDetails, display: Display): string {
  if (unit === null) return action === null ? "systemd is left alone" : "not looked at yet";
  const { active, sub, since, restarts } = unit;
  return [
    `${active} (${sub})`,
    since === null ? "" : `, since ${renderWhen(since, display)}`,
    restarts === 0 ? "" : `, started again ${restarts} ${restarts === 1 ? "time" : "times"} by systemd`,
    action === null ? "" : `; action: ${action}`,
  ].join("");
}

/** A link that is not mounted has no state of its own. */
function linksOf({ links }: ServiceDetails, drift: Drift): string[] {
  const mounts = drift instanceof Failure ? [] : drift.value.mounts;
  return links.map(({ link, local }) => {
    if (local === null) return `${link}, in the checkout alone`;
    const is = mounts.find((mount) => mount.link === link && mount.local === local)?.is;
    return `${local} from ${link}${is === undefined ? "" : `, ${is}`}`;
  });
}

function driftOf({ service, drift: known }: ServiceDetails, drift: Drift): string {
  const said = drift instanceof Failure ? known : drift.value.drift;
  if (said !== "") return said.replace("drift: ", "");
  if (drift instanceof Failure) return `not known: ${drift.message}`;
  const { edits, attributes, mounts } = drift.value;
  const absent = mounts.filter(({ is }) => is !== "mounted").length;
  const found = [count(edits.length + attributes.length, "file"), count(absent, "mount")].filter(Boolean);
  return found.length === 0 ? "none" : `${found.join(", ")}; gitopperctl drift ${service} names them`;
}

function count(many: number, what: string): string {
  return many === 0 ? "" : `${many} ${what}${many === 1 ? "" : "s"}`;
}
