/** One route table for every door; a route names the role that it needs, or it does not compile. */
import * as z from "zod/mini";
import type { Caller, Role } from "./caller.ts";
import type { Host } from "./host.ts";

export interface Reply {
  readonly status: number;
  readonly contentType: string;
  /** A stream ends when the caller hangs up, through `Asked.signal`. */
  readonly body: string | AsyncIterable<string>;
  /** What was done, for the audit trail; absent: the body's `message` says it. */
  readonly told?: string;
}

/** A request that has found its route, been allowed, and been checked against the route's shapes. */
export interface Asked<Q = unknown, B = unknown> {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Q;
  readonly body: B;
  readonly caller: Caller;
  /** The last event that the caller has seen (`Last-Event-ID`); null: none. */
  readonly lastEventId: string | null;
  /** Aborted when the caller has hung up. */
  readonly signal: AbortSignal;
}

type Handle<Q, B> = (host: Host, asked: Asked<Q, B>) => Promise<Reply> | Reply;

export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  /** `{name}` stands for one segment. */
  readonly path: string;
  readonly role: Role;
  /** What a caller does with it, in the words of a refusal: `freeze`, `token new`. Routes that anyone may use need none. */
  readonly act?: string;
  /** What it is for, in a sentence. */
  readonly purpose: string;
  readonly query: z.ZodMiniType;
  readonly body: z.ZodMiniType;
  /** The shape of a 200; null where that is no JSON. */
  readonly reply: z.ZodMiniType | null;
  /** Its answer goes on for as long as somebody reads. */
  readonly streams?: true;
  /** Its answer is as fresh as the caller's role allows. */
  readonly asksUpstream?: true;
  readonly handle: Handle<unknown, unknown>;
}

const nothing = z.strictObject({});
/** What the routes of the original get is ignored, as it always was. */
export const anything = z.unknown();

interface Definition<Q extends z.ZodMiniType, B extends z.ZodMiniType>
  extends Pick<Route, "method" | "path" | "role" | "act" | "purpose" | "reply" | "streams" | "asksUpstream"> {
  readonly query?: Q;
  readonly body?: B;
  readonly handle: Handle<z.output<Q>, z.output<B>>;
}

/** Makes a route whose handler gets what its shapes say; without a shape nothing may be given. */
export function route<Q extends z.ZodMiniType = typeof nothing, B extends z.ZodMiniType = typeof nothing>(
  definition: Definition<Q, B>,
): Route {
  const { query = nothing, body = nothing, handle, ...rest } = definition;
  return { ...rest, query, body, handle: handle as Handle<unknown, unknown> };
}

/** Where a request goes: a route with its parameters, or why there is none. */
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
    const value = decodeSegment(given);
    if (value === null || value === "") return null;
    params[part.slice(1, -1)] = value;
  }
  return params;
}

function decodeSegment(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
