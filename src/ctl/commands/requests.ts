/** Requests that several commands make. */
import { messageReply, type ServiceDetails, serviceDetails } from "../../api/shapes.ts";
import type { Result } from "../cli/definition.ts";
import type { ApiRequest, Connection } from "../connect/connection.ts";
import { askFor, pathOf, type Read } from "../connect/reply.ts";

/** Requests a change; the result is the daemon's message. */
export async function requestChange(host: Connection, request: ApiRequest): Promise<Result> {
  const { value, json } = await askFor(host, messageReply, request);
  return { shown: { message: value.message }, json };
}

/** @throws Failure also when the host has no such service */
export function askDetails(host: Connection, service: string): Promise<Read<ServiceDetails>> {
  return askFor(host, serviceDetails, { method: "GET", path: pathOf("/api/v1/services/{}", service) });
}
