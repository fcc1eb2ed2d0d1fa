/** What the daemon said → a reply. */
import type { Answer, Found, Refusal } from "./host.ts";
import { json, problem } from "./problem.ts";
import type { Reply } from "./route.ts";

export async function answered(pending: Promise<Answer> | Answer): Promise<Reply> {
  const answer = await pending;
  return answer.ok ? json(200, { message: answer.message }) : refusal(answer);
}

/** A 200 with what `toBody` makes of the value, by itself the value. */
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
