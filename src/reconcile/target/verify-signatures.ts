/** Verifies that trusted keys have signed the commits that a service is about to get. */
import { type Commit, shortCommit } from "../../model/commit.ts";
import { Refusal } from "../../model/problem.ts";
import type { Verify } from "../../model/service.ts";
import type { Context } from "../context.ts";
import type { ManagedService } from "../managed-service.ts";

const commitsMax = 1_000;

/**
 * Asks for the commit, and with `mode = "all"` for each since the deployed one.
 * @throws Refusal with the reason; Problem when it cannot be verified
 */
export async function verifySignatures(
  managed: ManagedService,
  commit: Commit,
  context: Context,
): Promise<void> {
  const { verify } = managed.service;
  if (verify === null) return;
  await assertSigned(managed, [...(await before(managed, commit, verify, context)), commit], context);
}

/** For a commit that a person names: what is before it is that person's business. @throws as `assertTrustedWay` */
export async function verifySignature(
  managed: ManagedService,
  commit: Commit,
  context: Context,
): Promise<void> {
  if (managed.service.verify !== null) await assertSigned(managed, [commit], context);
}

async function assertSigned(
  { service, history }: ManagedService,
  commits: readonly Commit[],
  context: Context,
): Promise<void> {
  if (service.verify === null) return;
  const { signersOf } = await import("../../credentials/signers.ts");
  const signers = await signersOf(service.verify, context);
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
  { records, git }: Context,
): Promise<readonly Commit[]> {
  const { commit: from } = records.get(service.name);
  if (mode === "head" || from === null) return [];
  const { commitsSince } = await import("../../git/history/signatures.ts");
  const since = await commitsSince(store, { from, to: commit }, commitsMax, git);
  if (since === null) return [];
  if (since.length <= commitsMax) return since.filter((one) => one !== commit);
  const remedy = "roll back to a signed one on the way, and unfreeze";
  throw new Refusal(
    `it is more than ${commitsMax} commits after what is deployed, too many to verify; ${remedy}`,
    { code: "unsigned" },
  );
}
