/** Verifies that trusted keys have signed the commits that a service is about to get. */
import type { Git } from "../../git/git.ts";
import { type Commit, shortCommit } from "../../model/commit.ts";
import type { AbsPath } from "../../model/path.ts";
import { Refusal } from "../../model/problem.ts";
import type { Verify } from "../../model/service.ts";
import type { Exec } from "../../platform/process/exec.ts";
import type { ManagedService } from "../managed-service.ts";
import type { Records } from "../records.ts";

const commitsMax = 1_000;

export type Signatures = ReturnType<typeof createSignatures>;

interface Tools {
  readonly git: Git;
  readonly exec: Exec;
  readonly records: Pick<Records, "get">;
  readonly stateDir: AbsPath;
}

/** Both throw a Refusal with the reason, or a Problem when the signature cannot be verified. */
export function createSignatures(tools: Tools) {
  return {
    /** Verifies the commit, and with `mode = "all"` each since the deployed one. */
    verifyHistory: async (managed: ManagedService, commit: Commit) => {
      const { verify } = managed.service;
      if (verify === null) return;
      await assertSigned(managed, [...(await before(managed, commit, verify, tools)), commit], tools);
    },
    /** For a commit that a person names: what is before it is that person's business. */
    verifyCommit: (managed: ManagedService, commit: Commit) => assertSigned(managed, [commit], tools),
  };
}

async function assertSigned(
  { service, history }: ManagedService,
  commits: readonly Commit[],
  tools: Tools,
): Promise<void> {
  if (service.verify === null) return;
  // Few hosts need it.
  const { signersOf } = await import("../../credentials/signers.ts");
  const signers = await signersOf(service.verify, tools);
  const last = commits.at(-1);
  for (const commit of commits) {
    await history.assertSigned(commit, signers).catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error;
      const which = commit === last ? "it" : `${shortCommit(commit)} before it`;
      throw new Refusal(`${which} ${error.message}`, { code: "unsigned" });
    });
  }
}

/** The oldest first. None where nothing is deployed, or that is of another store. */
async function before(
  { service, store }: ManagedService,
  commit: Commit,
  { mode }: Verify,
  { records, git }: Tools,
): Promise<readonly Commit[]> {
  const { commit: from } = records.get(service.name);
  if (mode === "head" || from === null) return [];
  const { commitsSince } = await import("../../git/history/signatures.ts");
  const since = await commitsSince(store, { from, to: commit }, commitsMax, git);
  if (since === null) return [];
  if (since.length <= commitsMax) return since.filter((one) => one !== commit);
  const why = `it is more than ${commitsMax} commits after what is deployed, too many to verify`;
  const remedy = "roll back to a signed one on the way, and unfreeze";
  throw new Refusal(`${why}; ${remedy}`, { code: "unsigned" });
}
