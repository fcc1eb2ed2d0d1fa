/** `version`: prints the versions of the client and the daemon. */
import { type HostReply, hostReply } from "../../../api/shapes.ts";
import { version as ownVersion } from "../../../model/version.ts";
import type { CommandDefinition, CommandInput, Result, Session } from "../../cli/definition.ts";
import { askFor, type Read } from "../../connect/reply.ts";
import { Failure } from "../../failure.ts";
import { visible } from "../../output/visible.ts";

export const version: CommandDefinition = {
  name: "version",
  section: "Show",
  summary: "show the versions of gitopperctl and of the daemon; --version contacts no host",
  about: "Exits with 1 if the daemon does not answer; the version of gitopperctl is printed anyway.",
  arguments: [],
  options: [],
  action: { over: "hosts", run },
};

async function run(_: CommandInput, { host }: Session): Promise<Result> {
  const own = `gitopperctl ${ownVersion}`;
  const asked = await askHost(host);
  if (asked instanceof Failure)
    return { shown: { message: own }, json: "null", status: 1, note: visible(asked.message) };
  const { value, json } = asked;
  return { shown: { message: `gitopper ${value.version} on ${value.hostname}, ${own}` }, json };
}

async function askHost(host: Session["host"]): Promise<Read<HostReply> | Failure> {
  try {
    return await askFor(host, hostReply, { method: "GET", path: "/api/v1/host" });
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}
