/** Replies of all routes: JSON, and problems of RFC 9457. */
import type { Reply } from "./route.ts";
import type { ProblemReply } from "./shapes.ts";

const titles: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** An RFC 9457 problem. */
export function problem(status: number, detail: string): Reply & { readonly body: string } {
  const body: ProblemReply = { type: "about:blank", title: titles[status] ?? "Error", status, detail };
  return { status, contentType: "application/problem+json", body: `${JSON.stringify(body)}\n` };
}

export function json(status: number, value: unknown): Reply & { readonly body: string } {
  return { status, contentType: "application/json", body: `${JSON.stringify(value)}\n` };
}
