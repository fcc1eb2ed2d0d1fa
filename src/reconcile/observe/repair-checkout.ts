/** Sees a checkout; one whose administration is damaged is mended first, so that no file of the service has to move. */
import { type CheckoutSeen, observeCheckout } from "../../git/checkout/checkout.ts";
import { CommitGone, nameInStore, rebuildWorktreeMetadata } from "../../git/store/rebuild-checkout.ts";
import type { Commit } from "../../model/commit.ts";
import type { RepoPath } from "../../model/path.ts";
import { holdOf } from "../../model/state.ts";
import { storesDir } from "../../platform/files/state-paths.ts";
import type { Context } from "../context.ts";
import { linksOf, pathsNarrowedTo } from "../links.ts";
import type { ManagedService } from "../managed-service.ts";

/** @throws Problem when it is damaged and cannot be mended now */
export async function observeMended(managed: ManagedService, context: Context): Promise<CheckoutSeen> {
  const { store, service } = managed;
  const observe = () =>
    observeCheckout({ store, checkout: service.checkout }, context.git, {
      storesDir: storesDir(context.stateDir),
    });
  const seen = await observe();
  if (seen.is !== "unfit") return seen;
  return (await mendCheckout(managed, seen.why, context)) ? observe() : seen;
}

/** Answers false for one that is past mending: of another store, or its commit is nowhere any more. @throws Problem */
export async function mendCheckout(managed: ManagedService, why: string, context: Context): Promise<boolean> {
  const { store, service } = managed;
  const { storeTools, records, log } = context;
  const head = commitOf(managed, context);
  const place = { store, checkout: service.checkout };
  if (head === null || nameInStore(place) === null) return false;
  try {
    await rebuildWorktreeMetadata(place, { head, links: narrowedTo(managed, context) }, storeTools);
  } catch (error) {
    // What is held has nowhere else to go: its files stay where they are.
    if (error instanceof CommitGone && holdOf(records.get(service.name).state) === null) return false;
    throw error;
  }
  log.warn({ service: service.name }, `mended the checkout, and left its files alone: ${why}`);
  return true;
}

/** What the files are, as far as is known: one of two commits, when a checkout was cut off. */
function commitOf({ service }: ManagedService, { records }: Context): Commit | null {
  const { head, commit } = records.get(service.name);
  return head ?? commit ?? records.last(service.name)?.to ?? null;
}

function narrowedTo({ service }: ManagedService, { records }: Context): RepoPath[] {
  const { links } = records.get(service.name);
  return links === "" ? linksOf(service) : pathsNarrowedTo(links);
}
