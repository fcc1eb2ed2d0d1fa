/** Turns an answer of the daemon into a reply. */
import type { Answer, Found, Refusal } from "./host.ts";
import { json, problem } from "./problem.ts";
import type { Reply } from "./route.ts";

export async function answered(pending: Promise<Answer> | Answer): Promise<Reply> {
  const answer = await pending;
  return answer.ok ? json(200, { message: answer.message }) : refusal(answer);
}

/** A 200 with `toBody` of the value; default: the value itself. */
export async function found<T>(
  pending: Promise<Found<T>> | Found<T>,
  toBody: (value: T) => unknown = (value) => value,
): Promise<Reply> {
  const answer = await pending;
  return answer.ok ? json(200, toBody(answer.value)) : refusal(answer);
}

export function refusal({ why, message }: Refusal): Reply {
  return problem(why === "unknown" ? 404 : 409, message);
}
