/** `plan <service> [commit]`: shows the exact steps of a pull or a rollback. */
import { planReply } from "../../../api/shapes.ts";
import type { Command, CommandInput, Display, Result, Session } from "../../cli/definition.ts";
import { askFor, pathOf } from "../../connect/reply.ts";
import { renderWhen } from "../../output/time.ts";
import { visible } from "../../output/visible.ts";
import { maybeCommit, noteOf, oneService, serviceOf, toCommit } from "../arguments.ts";
import { askDetails } from "../requests.ts";

export const plan: Command = {
  name: "plan",
  example: "plan nginx",
  section: "Show",
  summary: "show the steps that a pull, or a rollback to the commit, would take",
  arguments: [oneService, maybeCommit],
  action: { over: "hosts", run },
};

async function run(input: CommandInput, { host, display }: Session): Promise<Result> {
  const path = `${pathOf("/api/v1/services/{}/plan", serviceOf(input))}${toCommit(input)}`;
  const { value, json } = await askFor(host, planReply, { method: "GET", path });
  const { to, steps, waitsFor } = value;
  const seen = noteOf(value, display);
  if (steps.length === 0) return { shown: { message: await nothingToDo(input, host) }, json, ...seen };
  const width = String(steps.length).length;
  const lines = steps.map((step, index) => `${String(index + 1).padStart(width)}. ${visible(step)}\n`);
  const waits = waitsFor
    ? `waits for ${visible(waitsFor.why)}, ${opensOf(waitsFor.until, display)}; then\n`
    : "";
  const text = `${waits}${to === null ? "" : `to ${to.slice(0, 8)}:\n`}${lines.join("")}`;
  return { shown: { text }, json, ...seen };
}

function opensOf(until: string | null, display: Display): string {
  return until === null ? "and none opens within a year" : `which opens ${renderWhen(until, display)}`;
}

/** A held service has no steps because of its hold. */
async function nothingToDo(input: CommandInput, host: Session["host"]): Promise<string> {
  const service = serviceOf(input);
  const { value } = await askDetails(host, service);
  if (value.held === null || input.arguments.commit !== undefined) return "there is nothing to do";
  const why = value.info === "" ? "" : ` (${value.info})`;
  return (
    `there is nothing to do: ${service} is ${value.state}${why} and ignores its upstream; ` +
    `gitopperctl diff ${service} shows what unfreezing would change`
  );
}
