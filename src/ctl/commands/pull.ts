/** `pull <service>`: look at the upstream now. */

import { servicesReply } from "../../api/original-shapes.ts";
import { messageReply } from "../../api/shapes.ts";
import type { CommandDefinition, Given, Result, Session } from "../definition.ts";
import { Failure } from "../failure.ts";
import { wrapped } from "../present.ts";
import { askFor, pathOf } from "../reply.ts";
import { maybeService, reasonOption, serviceOf, textOf } from "./arguments.ts";
import { thenWait, waitOption } from "./wait.ts";

export const pull: CommandDefinition = {
  name: "pull",
  section: "Steer",
  summary: "look at the upstream now",
  arguments: [maybeService],
  options: [
    { long: "override-window", help: "what has come goes in though no window is open; needs a --reason" },
    { long: "again", help: "try a commit once more that was refused or rolled back" },
    { long: "all", help: "every service of the host, one after another" },
    reasonOption,
    waitOption,
  ],
  check: ({ options, arguments: { service } }) => {
    if (options["override-window"] && !options.reason)
      return "--override-window needs a --reason, which the audit trail keeps";
    if ((service === undefined) === (options.all === undefined)) return "name a service, or say --all";
    return null;
  },
  act: {
    over: "hosts",
    run: (given, session) => (given.options.all ? pullAll(given, session) : pullOne(given, session)),
  },
};

function pullOne(given: Given, session: Session): Promise<Result> {
  return thenWait(given, session, () => change(given, session));
}

/** What one refuses keeps no other from being pulled. */
async function pullAll(given: Given, session: Session): Promise<Result> {
  const { value } = await askFor(session.host, servicesReply, { method: "GET", path: "/list/services" });
  const results: Result[] = [];
  for (const { service } of value.services) {
    const one = { ...given, arguments: { ...given.arguments, service } };
    results.push(await pullOne(one, session).catch((error: unknown) => refusedBy(service, error)));
  }
  const texts = results.map(({ shown }) =>
    "message" in shown
      ? `${wrapped(shown.message, session.look.width)}\n`
      : "text" in shown
        ? shown.text
        : "",
  );
  const status = results.some((result) => result.status === 1)
    ? 1
    : results.find((result) => result.status)?.status;
  return {
    shown: { text: texts.join("") },
    json: `[${results.map(({ json }) => json).join(",")}]`,
    ...(status && { status }),
  };
}

function refusedBy(service: string, error: unknown): Result {
  if (!(error instanceof Failure)) throw error;
  const message = error.message.startsWith(`${service} `) ? error.message : `${service}: ${error.message}`;
  return { shown: { message }, json: JSON.stringify({ service, error: error.message }), status: 1 };
}

async function change(given: Given, { host }: Session): Promise<Result> {
  const path = pathOf("/api/v1/services/{}/pull", serviceOf(given));
  const overrideWindow = given.options["override-window"] === true;
  const again = given.options.again === true;
  const body = { reason: textOf(given, "reason") ?? "", overrideWindow, again };
  const { value, json } = await askFor(host, messageReply, { method: "POST", path, body });
  return { shown: { message: value.message }, json };
}
