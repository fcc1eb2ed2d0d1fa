/** The reason code of a failed git, for scripts and alerts; undefined: no specific one. */
import type { StateReason } from "../model/reason/state-reason.ts";
import type { ExecFailure } from "../platform/process/exec.ts";
import { damageIn } from "./store/damage.ts";

/** For any git: a full disk comes from the failure's own code. */
export function codeOfGit({ code, stderr }: ExecFailure): StateReason | undefined {
  const kind = code === undefined ? damageIn(stderr)?.kind : undefined;
  return kind === "store" || kind === "checkout" ? "store-damaged" : undefined;
}

/** For a git that talks to upstream: what is not caused by our disk or our store counts as unreachable upstream. */
export function codeOfFetch(failure: ExecFailure): StateReason | undefined {
  if (failure.code !== undefined || damageIn(failure.stderr) !== null) return codeOfGit(failure);
  return "upstream-unreachable";
}
