/** `plan <service> [commit]`: shows the exact steps of a pull or a rollback. */
import { planReply } from "../../../api/shapes.ts";
import type { Command, CommandInput, Result, Session } from "../../cli/definition.ts";
import { renderOpening } from "../../output/time.ts";
import { visible } from "../../output/visible.ts";
import { maybeCommit, oneService, seenOf, serviceOf, toCommit } from "../arguments.ts";
import { askDetails, askService } from "../requests.ts";

export const plan: Command = {
  name: "plan",
  example: "plan nginx",
  section: "Show",
  summary: "show the steps that a pull, or a rollback to the commit, would take",
  arguments: [oneService, maybeCommit],
  action: { over: "hosts", run },
};

async function run(input: CommandInput, { host, display }: Session): Promise<Result> {
  const { value, json } = await askService(host, serviceOf(input), planReply, `/plan${toCommit(input)}`);
  const { to, steps, waitsFor } = value;
  const note = seenOf(value, display);
  if (steps.length === 0) return { shown: { message: await nothingToDo(input, host) }, json, note };
  const width = String(steps.length).length;
  const lines = steps.map((step, index) => `${String(index + 1).padStart(width)}. ${visible(step)}\n`);
  const waits = waitsFor
    ? `waits for ${visible(waitsFor.why)}, ${renderOpening(waitsFor.until, display)}; then\n`
    : "";
  const text = `${waits}${to === null ? "" : `to ${to.slice(0, 8)}:\n`}${lines.join("")}`;
  return { shown: { text }, json, note };
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
