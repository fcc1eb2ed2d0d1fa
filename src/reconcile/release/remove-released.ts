/** Removes the checkout of a released service, unless it has what is nowhere else, and the store that no service needs. */
import { existsSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { removeStage, stageOf } from "../../git/checkout/stage-directory.ts";
import type { Git } from "../../git/git.ts";
import { gitDirOf, removeBeside } from "../../git/store/pointer.ts";
import { removeBroken, removeTree } from "../../git/store/store.ts";
import type { CheckoutPlace } from "../../git/types.ts";
import type { ServiceRecord } from "../../history/kept.ts";
import { findAccounts } from "../../host/accounts.ts";
import { type AbsPath, isAtOrBelow } from "../../model/path.ts";
import { harmless } from "../../model/text/harmless.ts";
import { mountedBelow } from "../../platform/files/mounted-below.ts";
import { untrustedPart } from "../../platform/files/trust.ts";
import type { Exec } from "../../platform/process/exec.ts";

export type Removable = Pick<ServiceRecord, "service" | "checkout" | "store" | "user">;

interface RemoveTools {
  readonly git: Git;
  readonly exec: Exec;
}

const named = 3;

/** `copied`: the paths of the checkout whose files are at their places. Returns why it stays; null: it is gone. */
export async function removeReleased(
  { checkout, store, user }: Removable,
  { copied, others }: { readonly copied: readonly string[]; readonly others: readonly Removable[] },
  { git, exec }: RemoveTools,
): Promise<string | null> {
  const account = (await findAccounts([user], exec)).get(user);
  if (existsSync(checkout)) {
    if (account === undefined) return `there is no user ${user}`;
    if (others.some((other) => isAtOrBelow(other.checkout, checkout)))
      return "another service has its checkout in it";
    const mounted = mountedBelow(checkout, { orAt: true });
    if (mounted !== null) return `something is mounted at ${JSON.stringify(mounted)}`;
    if (untrustedPart(checkout) !== null) return "others than root can change the way to it";
    if (gitDirOf(checkout) === null) return "it is not gitopper's";
    const own = await onlyThere({ store: { path: store, account }, checkout }, copied, git);
    if (own !== null) return own;
  }
  if (account) await removeStage(stageOf(checkout), account, exec);
  await removeCheckoutTree(checkout, exec);
  if (others.some((other) => other.store === store)) return null;
  await removeBroken({ path: store }, exec);
  await removeTree(store, exec);
  return null;
}

/** Renamed first: a checkout that is half removed has no pointer, and would look like a person's directory. */
async function removeCheckoutTree(checkout: AbsPath, exec: Exec): Promise<void> {
  if (untrustedPart(checkout) !== null) return;
  const gone = join(dirname(checkout), `.${basename(checkout)}.released`);
  await removeTree(gone, exec);
  if (existsSync(checkout)) renameSync(checkout, gone);
  removeBeside(checkout);
  await removeTree(gone, exec);
}

/** The files of a checkout that are neither in git nor copied, in a few words; null: there are none. */
async function onlyThere(where: CheckoutPlace, copied: readonly string[], git: Git): Promise<string | null> {
  const args = ["status", "--porcelain", "-z", "--no-renames", "--ignored", "--untracked-files=all"];
  const { status, stdout } = await git(where, args, { okStatus: [0, 1, 128, 255] });
  if (status !== 0) return "git cannot tell what is in it";
  const paths = stdout
    .split("\0")
    .filter(Boolean)
    .map((record) => record.slice("?? ".length));
  const own = paths.filter((path) => !copied.some((link) => isAtOrBelow(path.replace(/\/$/, ""), link)));
  if (own.length === 0) return null;
  const more = own.length > named ? `, and ${own.length - named} more` : "";
  return `it has files that are nowhere else: ${harmless(own.slice(0, named).join(", "))}${more}`;
}
