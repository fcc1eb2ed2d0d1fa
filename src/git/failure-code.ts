/** Which code a git that failed has for scripts and alerts; undefined: none of its own. */
import type { StateReason } from "../model/reason/state-reason.ts";
import type { ExecFailure } from "../platform/process/exec.ts";
import { damageIn } from "./store/damage.ts";

/** A full disk is told by the failure itself. */
export function codeOfGit({ code, stderr }: ExecFailure): StateReason | undefined {
  const kind = code === undefined ? damageIn(stderr)?.kind : undefined;
  return kind === "store" || kind === "checkout" ? "store-damaged" : undefined;
}

/** Of one that talks with upstream: what is neither our disk nor our store is upstream, or the way there. */
export function codeOfFetch(failure: ExecFailure): StateReason | undefined {
  if (failure.code !== undefined || damageIn(failure.stderr) !== null) return codeOfGit(failure);
  return "upstream-unreachable";
}
