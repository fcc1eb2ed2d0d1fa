/** `pull <service>`: poll the upstream now. */
import { servicesReply } from "../../../api/original-shapes.ts";
import type { Command, CommandInput, Result, Session, Shown } from "../../cli/definition.ts";
import { get } from "../../connect/reply.ts";
import { Failure } from "../../failure.ts";
import { worstOf } from "../../fan-out.ts";
import { wrapped } from "../../output/present.ts";
import { maybeService, reasonOption, serviceOf, textOf } from "../arguments.ts";
import { changeService } from "../requests.ts";
import { changeEach, thenWait, waitOption } from "./wait.ts";

export const pull: Command = {
  name: "pull",
  example: "pull nginx @web1 --wait",
  section: "Change",
  summary: "poll upstream now",
  arguments: [maybeService],
  options: [
    { long: "override-window", help: "deploy although no window is open; needs a --reason" },
    { long: "again", help: "retry a commit that was refused or rolled back" },
    { long: "all", help: "all services of the host" },
    reasonOption,
    waitOption,
  ],
  check: ({ options, arguments: { service } }) => {
    if (options.overrideWindow && !options.reason)
      return "--override-window needs a --reason, which the audit trail keeps";
    if ((service === undefined) === (options.all === undefined)) return "name a service, or say --all";
    return null;
  },
  action: {
    over: "hosts",
    run: (input, session) =>
      input.options.all
        ? pullAll(input, session)
        : thenWait(input, session, () => change(input, serviceOf(input), session)),
  },
};

/** All at once; a refusal for one service does not stop the others. */
async function pullAll(input: CommandInput, session: Session): Promise<Result> {
  const { value } = await get(session.host, servicesReply, "/list/services");
  const services = value.services.map(({ service }) => service);
  const outcomes = await changeEach(input, session, services, (service) => change(input, service, session));
  const results = [...outcomes].map(([service, outcome]) =>
    outcome instanceof Failure ? refusedBy(service, outcome) : outcome,
  );
  const text = results.map(({ shown }) => textOfOne(shown, session)).join("");
  return {
    shown: { text: text === "" ? "this host has no services\n" : text },
    json: `[${results.map(({ json }) => json).join(",")}]`,
    status: worstOf(results.map(({ status }) => status ?? 0)),
  };
}

function textOfOne(shown: Shown, { display }: Session): string {
  if ("message" in shown) return `${wrapped(shown.message, display.width)}\n`;
  return "text" in shown ? shown.text : "";
}

function refusedBy(service: string, { message: said }: Failure): Result {
  const message = said.startsWith(`${service} `) ? said : `${service}: ${said}`;
  return { shown: { message }, json: JSON.stringify({ service, error: said }), status: 1 };
}

async function change(input: CommandInput, service: string, { host }: Session): Promise<Result> {
  const overrideWindow = input.options.overrideWindow === true;
  const again = input.options.again === true;
  const body = { reason: textOf(input, "reason") ?? "", overrideWindow, again };
  return changeService(host, "pull", service, body);
}
