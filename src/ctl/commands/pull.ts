/** `pull <service>`: look at the upstream now. */
import { messageReply } from "../../api/shapes.ts";
import type { CommandDefinition, Given, Result, Session } from "../definition.ts";
import { askFor, pathOf } from "../reply.ts";
import { oneService, reasonOption, serviceOf, textOf } from "./arguments.ts";
import { thenWait, waitOption } from "./wait.ts";

export const pull: CommandDefinition = {
  name: "pull",
  section: "Steer",
  summary: "look at the upstream now",
  arguments: [oneService],
  options: [
    { long: "override-window", help: "what has come goes in though no window is open; needs a --reason" },
    { long: "again", help: "try a commit once more that was refused or rolled back" },
    reasonOption,
    waitOption,
  ],
  check: ({ options }) =>
    options["override-window"] && !options.reason
      ? "--override-window needs a --reason, which the audit trail keeps"
      : null,
  act: { over: "hosts", run: (given, session) => thenWait(given, session, () => change(given, session)) },
};

async function change(given: Given, { host }: Session): Promise<Result> {
  const path = pathOf("/api/v1/services/{}/pull", serviceOf(given));
  const overrideWindow = given.options["override-window"] === true;
  const again = given.options.again === true;
  const body = { reason: textOf(given, "reason") ?? "", overrideWindow, again };
  const { value, json } = await askFor(host, messageReply, { method: "POST", path, body });
  return { shown: { message: value.message }, json };
}
