/** `plan <service> [commit]`: the exact steps that a pull, or a rollback, would take. */
import { planReply } from "../../api/shapes.ts";
import type { CommandDefinition, Given, Result, Session } from "../definition.ts";
import { askFor, pathOf } from "../reply.ts";
import { visible } from "../visible.ts";
import { maybeCommit, oneService, serviceOf, toCommit } from "./arguments.ts";

export const plan: CommandDefinition = {
  name: "plan",
  section: "Look",
  summary: "the exact steps that a pull, or a rollback to the commit, would take",
  arguments: [oneService, maybeCommit],
  options: [],
  act: { over: "hosts", run },
};

async function run(given: Given, { host }: Session): Promise<Result> {
  const path = `${pathOf("/api/v1/services/{}/plan", serviceOf(given))}${toCommit(given)}`;
  const { value, json } = await askFor(host, planReply, { method: "GET", path });
  const { to, steps } = value;
  if (steps.length === 0) return { shown: { message: "there is nothing to do" }, json };
  const width = String(steps.length).length;
  const lines = steps.map((step, index) => `${String(index + 1).padStart(width)}. ${visible(step)}\n`);
  return { shown: { text: `${to === null ? "" : `to ${to.slice(0, 8)}:\n`}${lines.join("")}` }, json };
}
