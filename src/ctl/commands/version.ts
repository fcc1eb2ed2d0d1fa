/** `version`: that of the client, and of the daemon. */
import { hostReply } from "../../api/shapes.ts";
import { version as ownVersion } from "../../model/version.ts";
import type { CommandDefinition, Given, Result, Session } from "../definition.ts";
import { askFor } from "../reply.ts";

export const version: CommandDefinition = {
  name: "version",
  section: "Look",
  summary: "the versions of gitopperctl and of the daemon; --version asks no host",
  arguments: [],
  options: [],
  act: { over: "hosts", run },
};

async function run(_: Given, { host }: Session): Promise<Result> {
  const { value, json } = await askFor(host, hostReply, { method: "GET", path: "/api/v1/host" });
  const message = `gitopper ${value.version} on ${value.hostname}, gitopperctl ${ownVersion}`;
  return { shown: { message }, json };
}
