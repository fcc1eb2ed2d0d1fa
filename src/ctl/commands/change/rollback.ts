/** `rollback <service> [commit]`: go back to a commit and stay there; without one, offers commits that worked. */
import { type DeploymentRow, deploymentsReply } from "../../../api/shapes.ts";
import type { Command, CommandInput, Prompt, Result, Session } from "../../cli/definition.ts";
import { Failure } from "../../failure.ts";
import { renderWhen } from "../../output/time.ts";
import { visible } from "../../output/visible.ts";
import { maybeCommit, oneService, reasonOption, serviceOf, textOf } from "../arguments.ts";
import { askDetails, askService, changeService } from "../requests.ts";
import { isAlarming } from "../show/status.ts";
import { thenWait, waitOption } from "./wait.ts";

export const rollback: Command = {
  name: "rollback",
  example: "rollback nginx 1a2b3c4d --reason slow",
  section: "Change",
  summary:
    "go back to a commit (full or short id), and stay there; without one, choose among those that worked",
  arguments: [oneService, maybeCommit],
  options: [
    { long: "previous", help: "go back to the commit before the current one" },
    reasonOption,
    waitOption,
  ],
  check: ({ arguments: { commit }, options }) =>
    options.previous && commit !== undefined ? "give either a commit or --previous" : null,
  action: {
    over: "hosts",
    prepare,
    run: (input, session) => thenWait(input, session, () => change(input, session)),
  },
};

const searchedMax = 100;
const offeredMax = 9;

async function prepare(input: CommandInput, { host, display }: Session): Promise<Prompt | null> {
  if (input.arguments.commit !== undefined || input.options.previous) return null;
  const { offered } = await earlier(input, host);
  const choices = offered.map((row) => ({
    value: row.to,
    line: `${row.to.slice(0, 8)}  ${renderWhen(row.startedAt, display)}, by ${visible(row.trigger)}`,
  }));
  const named = choices.map(({ line }) => line.replace("  ", " (").replace(/$/, ")")).join(", ");
  return {
    ask: "choose",
    choices,
    argument: "commit",
    refusal: `rollback needs a commit; those that worked are ${named}`,
  };
}

/** The commits for a rollback, newest first. @throws Failure when there is none */
async function earlier(input: CommandInput, host: Session["host"]) {
  const service = serviceOf(input);
  const details = await askDetails(host, service);
  const { value } = await askService(host, service, deploymentsReply, `/deployments?limit=${searchedMax}`);
  // While a newer commit fails, the applied commit is a choice too.
  const { commit, state } = details.value;
  const offered = pick(value.deployments, isAlarming(state) ? null : commit);
  if (offered.length === 0) throw new Failure(`There is no earlier deployment of "${service}" that worked`);
  return { offered, present: commit };
}

/** Each commit once, newest first, without the current one. */
function pick(rows: readonly DeploymentRow[], current: string | null): DeploymentRow[] {
  const done = rows.filter(({ result, to, gone }) => result === "done" && to !== current && !gone);
  return done.filter(({ to }, at) => done.findIndex((row) => row.to === to) === at).slice(0, offeredMax);
}

/** The newest commit that worked before the current one. */
async function previous(input: CommandInput, host: Session["host"]): Promise<string> {
  const { offered, present } = await earlier(input, host);
  const [found] = offered.filter(({ to }) => to !== present);
  if (found !== undefined) return found.to;
  throw new Failure(`There is no deployment of "${serviceOf(input)}" before the present one that worked`);
}

async function change(input: CommandInput, { host }: Session): Promise<Result> {
  const commit = input.options.previous ? await previous(input, host) : input.arguments.commit;
  return changeService(host, "rollback", serviceOf(input), { commit, reason: textOf(input, "reason") ?? "" });
}
