/** Examines what gitopper needs, and names a remedy for each fault. */
import type { Host } from "../../api/host.ts";
import type { DoctorCheck } from "../../api/shapes.ts";
import type { Clock } from "../../platform/clock.ts";
import { SharedAnswer } from "../shared-answer.ts";

/** Well below the 10 s that gitopperctl waits for the whole answer. */
export const programTimeoutMs = 5_000;

export function ok(name: string, detail: string): DoctorCheck {
  return { name, result: "ok", detail, remedy: "" };
}

export function bad(
  name: string,
  detail: string,
  remedy: string,
  result: "warning" | "failed" = "failed",
): DoctorCheck {
  return { name, result, detail, remedy };
}

/** One group of checks. */
export type Examine = () => Promise<readonly DoctorCheck[]> | readonly DoctorCheck[];

/** Runs all checks at the same time; the answer has them in the order of the groups. */
export async function examine(groups: readonly Examine[]): Promise<DoctorCheck[]> {
  const checks = await Promise.all(groups.map((group) => group()));
  return checks.flat();
}

export function createDoctor(groups: readonly Examine[], clock: Clock): Pick<Host, "doctor"> {
  const examined = new SharedAnswer(() => examine(groups), clock);
  return { doctor: (fresh) => examined.get(fresh) };
}
