/** Problems are expected failures with a remedy, shown to people; bugs are plain errors. */
import type { StateReason } from "./reason/state-reason.ts";
import { harmless } from "./text/harmless.ts";
import { maskSecrets } from "./text/mask.ts";

/** What failed: git (the service becomes DIFF) or the host (BROKEN). */
export type ProblemPart = "git" | "host";

/** What the history keeps of a failure besides its message. */
export interface Evidence {
  /** The end of the failing program's output. */
  readonly output: string;
  /** The last lines of the unit's journal. */
  readonly journal: string;
}

export interface ProblemOptions extends ErrorOptions {
  readonly evidence?: Evidence;
  /** Default: a full disk among the causes, else the code of a cause of the same part, else the part's own code. */
  readonly code?: StateReason | undefined;
}

/** One line without secrets: what failed, why, and what would be right. */
export class Problem extends Error {
  readonly part: ProblemPart;
  /** The code for scripts and alerts. */
  readonly code: StateReason;
  readonly evidence: Evidence | null;
  constructor(part: ProblemPart, message: string, options: ProblemOptions = {}) {
    super(harmless(maskSecrets(message)), options);
    this.name = "Problem";
    this.part = part;
    const { evidence = null, cause } = options;
    this.code = options.code ?? codeOf(part, cause);
    this.evidence = evidence && {
      output: maskSecrets(evidence.output),
      journal: maskSecrets(evidence.journal),
    };
  }
}

const causesMax = 5;

function codeOf(part: ProblemPart, cause: unknown): StateReason {
  if (isDiskFull(cause)) return "disk-full";
  if (cause instanceof Problem && cause.part === part) return cause.code;
  return part === "git" ? "git-failed" : "host-failed";
}

/** By errno(3). */
function isDiskFull(error: unknown): boolean {
  let each = error;
  for (let depth = 0; depth < causesMax && each instanceof Error; depth++) {
    if ("code" in each && (each.code === "ENOSPC" || each.code === "EDQUOT" || each.code === "disk-full"))
      return true;
    each = each.cause;
  }
  return false;
}

/** A failure of the host only: it says nothing about the commit, which is tried again. */
export class HostFault extends Problem {
  constructor(message: string, options: ProblemOptions = {}) {
    super("host", message, options);
    this.name = "HostFault";
  }
}

/** A commit that was found bad before its files were visible; the message is only the reason. */
export class Refusal extends Problem {
  constructor(reason: string, options: ProblemOptions = {}) {
    super("git", reason, { code: "refused", ...options });
    this.name = "Refusal";
  }
}
