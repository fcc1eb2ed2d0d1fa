/** Whether a commit was found bad for its service before, by the content that the service would get. */
import { hash } from "node:crypto";
import { type BadCommit, renderBadCommit } from "../../model/bad-commit.ts";
import type { Commit } from "../../model/commit.ts";
import { Problem, type Refusal } from "../../model/problem.ts";
import type { StateReason } from "../../model/reason/state-reason.ts";
import type { ManagedService } from "../managed-service.ts";
import type { Records } from "../records.ts";

/** Null: nothing is held against the commit, nor against another one with the same content at the links. */
export async function knownBad(
  managed: ManagedService,
  commit: Commit,
  records: Pick<Records, "badCommit" | "hasBadCommits">,
): Promise<BadCommit | null> {
  const { name } = managed.service;
  return records.hasBadCommits(name) ? records.badCommit(name, await fingerprintOf(managed, commit)) : null;
}

const codes = {
  REFUSED: "refused",
  "ROLLED BACK": "rolled-back",
  UNDONE: "undone",
} as const satisfies Record<BadCommit["verdict"], StateReason>;

/** The problem to report for a commit that is known to be bad, or was just `found` to be. */
export function badCommitProblem(bad: Omit<BadCommit, "at">, found?: Refusal): Problem {
  return new Problem("git", renderBadCommit(bad), { code: found?.code ?? codes[bad.verdict] });
}

/** Of what the service would get, and of how that is judged: where either changes, it is worth a new try. */
export async function fingerprintOf({ service, history }: ManagedService, commit: Commit): Promise<string> {
  const { links, check, health, action, actions, symlinksTo } = service;
  const entries = await history.entries(commit);
  const content = links.map(({ link, local, file, access }) => {
    const entry = entries.get(link);
    return [link, local, file, entry?.mode, entry?.id, ...(access ? [access] : [])];
  });
  const judged = [check, health, action, actions, symlinksTo];
  return hash("sha256", JSON.stringify([content, judged]), "hex");
}
