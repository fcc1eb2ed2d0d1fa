/** One line of doctor: what was checked, how it is, and what to do about it. */
import type { DoctorCheck } from "../../api/shapes.ts";

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
