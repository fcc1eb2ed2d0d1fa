/** Problems are expected, have a remedy, and are shown to people; bugs are plain errors. */

import { harmless } from "./text/harmless.ts";
import { maskSecrets } from "./text/mask.ts";

/** Which part failed: git's (the service goes to DIFF) or the host's (BROKEN). */
export type ProblemPart = "git" | "host";

/** What is kept of a failure in the history, besides its line. */
export interface Evidence {
  /** The end of what the failing program said. */
  readonly output: string;
  /** The last lines of the unit's journal. */
  readonly journal: string;
}

/** One line, without secrets: what failed, why, and what would be right. */
export class Problem extends Error {
  readonly part: ProblemPart;
  readonly evidence: Evidence | null;
  constructor(part: ProblemPart, message: string, options: ErrorOptions & { evidence?: Evidence } = {}) {
    super(harmless(maskSecrets(message)), options);
    this.name = "Problem";
    this.part = part;
    const { evidence = null } = options;
    this.evidence = evidence && {
      output: maskSecrets(evidence.output),
      journal: maskSecrets(evidence.journal),
    };
  }
}

/** A failure of the host alone: it says nothing about the commit, which is tried again. */
export class HostFault extends Problem {
  constructor(message: string, options: ErrorOptions & { evidence?: Evidence } = {}) {
    super("host", message, options);
    this.name = "HostFault";
  }
}

/** A commit that is not good for its service, found before anybody saw its files; the message is the reason alone. */
export class Refusal extends Problem {
  constructor(reason: string, options: ErrorOptions & { evidence?: Evidence } = {}) {
    super("git", reason, options);
    this.name = "Refusal";
  }
}
