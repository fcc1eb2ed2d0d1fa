/** The verbs that a unit gets when the first deployment of its service is undone. Pure. */
import type { UnitLook } from "./plan.ts";
import { isRunning } from "./unit/unit.ts";

/** Before its files go: one that did not run before is stopped, and disabled if it was. */
export function verbsBeforeUnmount(
  before: { readonly ran: boolean; readonly disabled: boolean },
  { active, file }: Pick<UnitLook, "active" | "file">,
): readonly string[] {
  return [
    ...(before.ran || active === "inactive" ? [] : ["stop"]),
    ...(before.disabled && file === "enabled" ? ["disable"] : []),
  ];
}

/** When the host's own files are back: one that ran before takes them up. Null: it gets no verb. */
export function verbAfterUnmount(
  { ran }: { readonly ran: boolean },
  { active, sub }: Pick<UnitLook, "active" | "sub">,
  verb: string,
): string | null {
  if (!ran) return null;
  if (sub === "auto-restart") return "restart";
  return isRunning({ active }) || active === "activating" ? verb : "start";
}
