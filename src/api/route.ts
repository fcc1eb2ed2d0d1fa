/** The shape of a route. Every route names the role that it needs; without one it does not compile. */
import * as z from "zod/mini";
import { decodePercent } from "../model/text/untrusted.ts";
import type { Caller, Role } from "./caller.ts";
import type { Host } from "./host.ts";

export interface Reply {
  readonly status: number;
  readonly contentType: string;
  /** A stream ends when the caller hangs up, through `RouteInput.signal`. */
  readonly body: string | AsyncIterable<string>;
  /** The result for the audit trail; absent: the `message` of the body. */
  readonly auditDetail?: string;
}

/** A request after its role and its shapes have been checked. */
export interface RouteInput<Q = unknown, B = unknown> {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Q;
  readonly body: B;
  readonly caller: Caller;
  /** The id of the last event that the caller has seen (`Last-Event-ID`); null: none. */
  readonly lastEventId: string | null;
  /** Aborted when the caller has hung up. */
  readonly signal: AbortSignal;
}

type Handle<Q, B> = (host: Host, input: RouteInput<Q, B>) => Promise<Reply> | Reply;

export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  /** `{name}` stands for one segment. */
  readonly path: string;
  readonly role: Role;
  /** The action's name in a refusal: `freeze`, `token new`. Routes for all callers have none. */
  readonly act?: string;
  /** One sentence for the documentation. */
  readonly purpose: string;
  readonly query: z.ZodMiniType;
  readonly body: z.ZodMiniType;
  /** The shape of a 200 reply; null: it is not JSON. */
  readonly reply: z.ZodMiniType | null;
  /** The reply is a stream without end. */
  readonly streams?: true;
  /** The route may poll upstream; how fresh the reply is depends on the caller's role. */
  readonly asksUpstream?: true;
  readonly handle: Handle<unknown, unknown>;
}

const nothing = z.strictObject({});
/** Queries and bodies of the original's routes are ignored, as the original does. */
export const anything = z.unknown();

interface Definition<Q extends z.ZodMiniType, B extends z.ZodMiniType>
  extends Omit<Route, "query" | "body" | "handle"> {
  readonly query?: Q;
  readonly body?: B;
  readonly handle: Handle<z.output<Q>, z.output<B>>;
}

/** Makes a route whose handler gets parsed input; without a shape, query and body have to be empty. */
export function route<Q extends z.ZodMiniType = typeof nothing, B extends z.ZodMiniType = typeof nothing>(
  definition: Definition<Q, B>,
): Route {
  const { query = nothing, body = nothing, handle, ...rest } = definition;
  return { ...rest, query, body, handle: handle as Handle<unknown, unknown> };
}

/** The route of a request with its parameters, or the status when there is none. */
export type Match =
  | { readonly route: Route; readonly params: Readonly<Record<string, string>> }
  | { readonly status: 404 | 405 };

/** Finds the route of a method and a path; the path is still percent-encoded. */
export function matchRoute(routes: readonly Route[], method: string, path: string): Match {
  let pathKnown = false;
  for (const candidate of routes) {
    const params = matchPath(candidate.path, path);
    if (params === null) continue;
    pathKnown = true;
    if (candidate.method === method || (method === "HEAD" && candidate.method === "GET"))
      return { route: candidate, params };
  }
  return { status: pathKnown ? 405 : 404 };
}

function matchPath(pattern: string, path: string): Record<string, string> | null {
  const want = pattern.split("/");
  const have = path.split("/");
  if (want.length !== have.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of want.entries()) {
    const given = have[index] ?? "";
    if (!part.startsWith("{")) {
      if (part !== given) return null;
      continue;
    }
    const value = decodePercent(given);
    if (!value) return null;
    params[part.slice(1, -1)] = value;
  }
  return params;
}
