/** `version`: prints the versions of the client and the daemon. */
import { hostReply } from "../../../api/shapes.ts";
import { version as ownVersion } from "../../../model/version.ts";
import type { Command, CommandInput, Result, Session } from "../../cli/definition.ts";
import { get } from "../../connect/reply.ts";
import { Failure, keepFailure } from "../../failure.ts";
import { visible } from "../../output/visible.ts";

export const version: Command = {
  name: "version",
  example: "version @web1",
  section: "Show",
  summary: "show the versions of gitopperctl and of the daemon; --version contacts no host",
  about: "Exits with 1 if the daemon does not answer; the version of gitopperctl is printed anyway.",
  action: { over: "hosts", run },
};

async function run(_: CommandInput, { host }: Session): Promise<Result> {
  const own = `gitopperctl ${ownVersion}`;
  const reply = await get(host, hostReply, "/api/v1/host").catch(keepFailure);
  if (reply instanceof Failure)
    return { shown: { message: own }, json: "null", status: 1, note: visible(reply.message) };
  const { value, json } = reply;
  return { shown: { message: `gitopper ${value.version} on ${value.hostname}, ${own}` }, json };
}
