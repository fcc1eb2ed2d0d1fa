/** Replies of all routes: JSON, and problems of RFC 9457. */
import { STATUS_CODES } from "node:http";
import type { Answer, Found, Refusal } from "./host.ts";
import type { Reply } from "./route.ts";
import type { ProblemReply } from "./shapes.ts";

/** Node has the older name of 413. */
const titles: typeof STATUS_CODES = { ...STATUS_CODES, 413: "Content Too Large" };

/** An RFC 9457 problem. */
export function problem(status: number, detail: string): Reply & { readonly body: string } {
  const body: ProblemReply = { type: "about:blank", title: titles[status] ?? "Error", status, detail };
  return { status, contentType: "application/problem+json", body: `${JSON.stringify(body)}\n` };
}

export function json(status: number, value: unknown): Reply & { readonly body: string } {
  return { status, contentType: "application/json", body: `${JSON.stringify(value)}\n` };
}

export async function answered(pending: Promise<Answer> | Answer): Promise<Reply> {
  const answer = await pending;
  return answer.ok ? json(200, { message: answer.message }) : refusal(answer);
}

/** A 200 with `toBody` of the value; default: the value itself. */
export async function found<T>(
  pending: Promise<Found<T>>,
  toBody: (value: T) => unknown = (value) => value,
): Promise<Reply> {
  const answer = await pending;
  return answer.ok ? json(200, toBody(answer.value)) : refusal(answer);
}

export function refusal({ why, message }: Refusal): Reply {
  return problem(why === "unknown" ? 404 : 409, message);
}
