/** `rollback <service> [commit]`: go back to a commit, and stay there; without one, offers those that worked. */
import { type DeploymentRow, deploymentsReply, messageReply, serviceDetails } from "../../../api/shapes.ts";
import type { CommandDefinition, Given, Query, Result, Session } from "../../cli/definition.ts";
import { askFor, pathOf } from "../../connect/reply.ts";
import { Failure } from "../../failure.ts";
import { renderWhen } from "../../output/time.ts";
import { visible } from "../../output/visible.ts";
import { maybeCommit, oneService, reasonOption, serviceOf, textOf } from "../arguments.ts";
import { isAlarming } from "../show/status.ts";
import { thenWait, waitOption } from "./wait.ts";

export const rollback: CommandDefinition = {
  name: "rollback",
  section: "Steer",
  summary: "go back to a commit, full or short id, and stay there; without one, offers those that worked",
  arguments: [oneService, maybeCommit],
  options: [
    { long: "previous", help: "go back to the commit that was there before the present one" },
    reasonOption,
    waitOption,
  ],
  check: ({ arguments: { commit }, options }) =>
    options.previous && commit !== undefined ? "give either a commit or --previous" : null,
  act: {
    over: "hosts",
    prepare,
    run: (given, session) => thenWait(given, session, () => change(given, session)),
  },
};

const lookedThrough = 100;
const offeredMax = 9;

async function prepare(given: Given, { host, look }: Session): Promise<Query | null> {
  if (given.arguments.commit !== undefined || given.options.previous) return null;
  const { offered } = await earlier(given, host);
  const choices = offered.map((row) => ({
    value: row.to,
    line: `${row.to.slice(0, 8)}  ${renderWhen(row.startedAt, look)}, by ${visible(row.trigger)}`,
  }));
  const named = choices.map(({ line }) => line.replace("  ", " (").replace(/$/, ")")).join(", ");
  return {
    ask: "choose",
    choices,
    argument: "commit",
    refusal: `rollback needs a commit; those that worked are ${named}`,
  };
}

/** Where the service can go back to, newest first. @throws Failure where there is nothing */
async function earlier(given: Given, host: Session["host"]) {
  const service = serviceOf(given);
  const details = await askFor(host, serviceDetails, {
    method: "GET",
    path: pathOf("/api/v1/services/{}", service),
  });
  const path = `${pathOf("/api/v1/services/{}/deployments", service)}?limit=${lookedThrough}`;
  const { value } = await askFor(host, deploymentsReply, { method: "GET", path });
  // What was applied last is where to go while something newer does not work.
  const { commit, state } = details.value;
  const offered = pick(value.deployments, isAlarming(state) ? null : commit);
  if (offered.length === 0) throw new Failure(`There is no earlier deployment of "${service}" that worked`);
  return { offered, present: commit };
}

/** Each commit once, newest first, without the one that is there now. */
function pick(rows: readonly DeploymentRow[], current: string | null): DeploymentRow[] {
  const done = rows.filter(({ result, to, gone }) => result === "done" && to !== current && !gone);
  const once = new Map<string, DeploymentRow>();
  for (const row of done) if (!once.has(row.to)) once.set(row.to, row);
  return [...once.values()].slice(0, offeredMax);
}

/** The newest one that worked before the present one came. */
async function previous(given: Given, host: Session["host"]): Promise<string> {
  const { offered, present } = await earlier(given, host);
  const [found] = offered.filter(({ to }) => to !== present);
  if (found !== undefined) return found.to;
  throw new Failure(`There is no deployment of "${serviceOf(given)}" before the present one that worked`);
}

async function change(given: Given, { host }: Session): Promise<Result> {
  const path = pathOf("/api/v1/services/{}/rollback", serviceOf(given));
  const commit = given.options.previous ? await previous(given, host) : given.arguments.commit;
  const body = { commit, reason: textOf(given, "reason") ?? "" };
  const { value, json } = await askFor(host, messageReply, { method: "POST", path, body });
  return { shown: { message: value.message }, json };
}
