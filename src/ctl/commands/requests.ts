/** Requests that several commands make. */
import type * as z from "zod/mini";
import { messageReply, type ServiceDetails, serviceDetails } from "../../api/shapes.ts";
import type { Result } from "../cli/definition.ts";
import type { ApiRequest, Connection } from "../connect/connection.ts";
import { askFor, get, pathOf, type Read } from "../connect/reply.ts";

/** Requests a change; the result is the daemon's message. */
export async function requestChange(host: Connection, request: ApiRequest): Promise<Result> {
  const { value, json } = await askFor(host, messageReply, request);
  return { shown: { message: value.message }, json };
}

type Verb = "freeze" | "unfreeze" | "rollback" | "pull";

export function changeService(host: Connection, verb: Verb, service: string, body?: object): Promise<Result> {
  const path = pathOf(`/api/v1/services/{}/${verb}`, service);
  return requestChange(host, { method: "POST", path, ...(body && { body }) });
}

/** Asks about a service; `what` follows it in the path. @throws Failure also when the host has no such service */
export function askService<T>(
  host: Connection,
  service: string,
  shape: z.ZodMiniType<T>,
  what: string,
): Promise<Read<T>> {
  return get(host, shape, `${pathOf("/api/v1/services/{}", service)}${what}`);
}

export function askDetails(host: Connection, service: string): Promise<Read<ServiceDetails>> {
  return askService(host, service, serviceDetails, "");
}
