/** From a request to a reply, for every listener: finds the route, checks role and shapes, runs the handler, writes the audit trail. */
import { setImmediate } from "node:timers/promises";
import { en } from "zod/locales";
import * as z from "zod/mini";
import { type Caller, may } from "../api/caller.ts";
import type { Host } from "../api/host.ts";
import { problem } from "../api/problem.ts";
import { matchRoute, type Reply, type Route, type RouteInput } from "../api/route.ts";
import { problemReply } from "../api/shapes.ts";
import { parseJson } from "../model/text/untrusted.ts";
import { mayOnlyRead, stranger } from "./refusals.ts";

export interface Request {
  readonly method: string;
  /** The request target: a path or a whole URL, with its query. */
  readonly target: string;
  /** JSON, or empty. */
  readonly body: string;
  readonly caller: Caller;
  readonly lastEventId: string | null;
  readonly signal: AbortSignal;
}

/** The routes and the host that every listener serves. */
export interface Router {
  readonly routes: readonly Route[];
  readonly host: Host;
  /** The router for changes: that of the next config during a reload. Absent: this one. */
  readonly routerForChanges?: () => Promise<Router>;
  /** Logs bugs of handlers. */
  readonly log: (message: string, cause: unknown) => void;
}

/** `allow` is the header of a 405. */
export type RouterReply = Reply & { readonly allow?: string };

/** Answers a request; never rejects. */
export async function dispatch(request: Request, given: Router): Promise<RouterReply> {
  const { caller, method } = request;
  // A caller without a role learns nothing, not even which routes exist.
  if (caller.role === null) return problem(401, stranger);
  const router =
    method === "GET" || given.routerForChanges === undefined ? given : await given.routerForChanges();
  const { path, query } = partsOf(request.target);
  const match = matchRoute(router.routes, method, path);
  if (!("route" in match)) return noRoute(match.status, method, path, router.routes);
  const { route } = match;
  const reply = may(caller, route.role)
    ? await handle(route, { ...request, params: match.params, query }, router)
    : problem(403, mayOnlyRead(caller, route));
  if (route.method === "GET") return reply;
  // Lets the change start while the audit trail is written to disk.
  await setImmediate();
  return audited(request, path, reply, router);
}

/** Whether the reply depends on the caller's user: for changes, streams, and routes that poll upstream. */
export function isUserNeededFor(routes: readonly Route[], method: string, target: string): boolean {
  const match = matchRoute(routes, method, partsOf(target).path);
  if (!("route" in match)) return false;
  const { role, streams, asksUpstream } = match.route;
  return role === "operate" || streams === true || asksUpstream === true;
}

/** zod/mini has no error messages of its own. */
const messages = { error: en().localeError };

type Matched = Request & Pick<RouteInput, "params"> & { readonly query: URLSearchParams };

async function handle(route: Route, request: Matched, router: Router): Promise<RouterReply> {
  const query = z.safeParse(route.query, Object.fromEntries(request.query), messages);
  if (!query.success) return problem(400, `The query is not as it should be: ${describeIssues(query.error)}`);
  const given = parseBody(request.body);
  if (given === undefined) return problem(400, "The body is not JSON");
  const body = z.safeParse(route.body, given, messages);
  if (!body.success) return problem(400, `The body is not as it should be: ${describeIssues(body.error)}`);
  try {
    return await route.handle(router.host, { ...request, query: query.data, body: body.data });
  } catch (error) {
    router.log(`${route.method} ${route.path}: the handler threw`, error);
    return problem(500, "The daemon could not answer, and its log says why");
  }
}

/** Returns the reply after the audit trail has it on disk. */
function audited(request: Request, path: string, reply: RouterReply, { host, log }: Router): RouterReply {
  const { caller, method, body } = request;
  const { who, from, door, credential } = caller;
  const entry = { who, from, door, credential, what: `${method} ${path}`, status: reply.status };
  try {
    host.audit.record({ ...entry, reason: reasonOf(body), result: resultOf(reply) });
    return reply;
  } catch (error) {
    log(`${method} ${path}: the audit trail could not be written`, error);
    return problem(500, "It may have been done, but the audit trail could not be written; the log says why");
  }
}

const bodyWithReason = z.object({ reason: z.string() });
const message = z.object({ message: z.string() });
const detailMaxChars = 500;

function reasonOf(body: string): string {
  const parsed = z.safeParse(bodyWithReason, parseBody(body));
  return parsed.success ? parsed.data.reason.slice(0, detailMaxChars) : "";
}

/** The message of the reply, without secrets: a new token is in another field. */
function resultOf({ body, auditDetail: detail }: Reply): string {
  if (detail !== undefined) return detail;
  const value = typeof body === "string" ? parseJson(body) : undefined;
  const done = z.safeParse(message, value);
  if (done.success) return done.data.message.slice(0, detailMaxChars);
  const failed = z.safeParse(problemReply, value);
  return failed.success ? failed.data.detail.slice(0, detailMaxChars) : "";
}

function describeIssues(error: z.core.$ZodError): string {
  return error.issues
    .slice(0, 3)
    .map(({ path, message }) => (path.length > 0 ? `"${path.join(".")}": ${message}` : message))
    .join("; ");
}

/** An empty body is an empty object; undefined: the text is not JSON. */
function parseBody(text: string): unknown {
  return text.trim() === "" ? {} : parseJson(text);
}

function noRoute(status: 404 | 405, method: string, path: string, routes: readonly Route[]): RouterReply {
  if (status === 404) return problem(404, `There is nothing at ${path}`);
  const allow = ["GET", "HEAD", "POST", "DELETE"]
    .filter((other) => "route" in matchRoute(routes, other, path))
    .join(", ");
  return { ...problem(405, `${method} does not work at ${path}; it takes ${allow}`), allow };
}

/** The path, still percent-encoded, and the query. A target for proxies has scheme and host (RFC 9112, 3.2). */
function partsOf(target: string): { readonly path: string; readonly query: URLSearchParams } {
  const relative = target.replace(/^https?:\/\/[^/?#]*/i, "");
  const [, path = "", query = ""] = /^([^?#]*)(\?[^#]*)?/s.exec(relative) ?? [];
  return { path: path === "" ? "/" : path, query: new URLSearchParams(query) };
}
