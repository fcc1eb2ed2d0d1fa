/** `fingerprint`: prints the fingerprint of the host's HTTPS certificate, for comparison. */
import { hostReply } from "../../../api/shapes.ts";
import type { Command, Result, Session } from "../../cli/definition.ts";
import { get } from "../../connect/reply.ts";
import { Failure } from "../../failure.ts";

export const fingerprint: Command = {
  name: "fingerprint",
  example: "fingerprint @web1",
  section: "Access",
  summary: "show the fingerprint of the host's HTTPS certificate",
  action: { over: "hosts", run },
};

async function run(_: unknown, { host }: Session): Promise<Result> {
  const { value, json } = await get(host, hostReply, "/api/v1/host");
  if (value.fingerprint === null)
    throw new Failure(`There is no HTTPS on ${value.hostname}: its [api] has no certificate`);
  return { shown: { message: value.fingerprint }, json };
}
