/** Stages a commit of a service beside its checkout, or in a new one that nothing mounts yet. */
import type { CheckoutWithAccess } from "../../git/checkout/access.ts";
import { updateCheckout } from "../../git/checkout/checkout.ts";
import { inspectTree, type JudgeSymlink, type Staged, stageCommit } from "../../git/checkout/stage.ts";
import { removeStage, stageOf } from "../../git/checkout/stage-directory.ts";
import { fetchBlobs } from "../../git/fetch/fetch-objects.ts";
import { filesNeeded, missingOf } from "../../git/history/files-needed.ts";
import { assertTrees } from "../../git/history/trees.ts";
import type { Commit } from "../../model/commit.ts";
import { Problem } from "../../model/problem.ts";
import { symlinkFault } from "../../rollout/content/symlinks.ts";
import { assertModes, linksOf } from "../links.ts";
import type { ManagedService } from "../managed-service.ts";
import type { StepOf } from "../ports.ts";
import { assertNoLfsPointers } from "../target/lfs-pointers.ts";
import { accessOf } from "./link-access.ts";
import type { CheckoutPorts } from "./ports.ts";

/**
 * `isFresh`: the checkout is new and not mounted yet, and its own stage.
 * @throws Problem; Refusal where the commit has what may not be
 */
export async function stageFiles(
  step: StepOf<"stage">,
  managed: ManagedService,
  ports: CheckoutPorts,
  isFresh: boolean,
): Promise<Staged> {
  const { store, service } = managed;
  const { commit: to } = step;
  // These judge objects of the store, while git writes the files; nothing is published before they have ended.
  const checks: Promise<void>[] = [];
  const begin = (check: Promise<void>) => {
    check.catch(() => {});
    checks.push(check);
  };
  begin(assertModes(managed, to, step.base));
  const place = { store, checkout: service.checkout, access: await accessOf(service, ports.findGroup) };
  const judgeSymlink: JudgeSymlink = (path, target) => symlinkFault(service, path, target);
  const bring = async (base: Commit | null) => {
    await bringFiles(managed, { base, to }, ports);
    begin(assertNoLfsPointers(managed, { base, to }));
  };
  const tools = { ...ports.tools, judgeSymlink, bring };
  const staged = await (isFresh ? stageInPlace(place, to, tools) : stageCommit(place, step, tools));
  await Promise.all(checks).catch(async (fault: unknown) => {
    if (!isFresh) await removeStage(staged, store.account, tools.exec).catch(() => {});
    throw fault;
  });
  return staged;
}

async function stageInPlace(
  { store, checkout, access }: Required<CheckoutWithAccess>,
  commit: Commit,
  { git, judgeSymlink, bring }: Parameters<typeof stageCommit>[2],
): Promise<Staged> {
  await bring(null);
  await updateCheckout({ store, checkout }, commit, git);
  await inspectTree({ tree: checkout, owner: store.account.uid, access }, judgeSymlink);
  return { ...stageOf(checkout), tree: checkout, commit, whole: true, removed: [], access };
}

/** What `base` has at the links is there already. One request, and none where nothing is missing. @throws Problem */
export async function bringFiles(
  { store, service, history }: Pick<ManagedService, "store" | "service" | "history">,
  range: { readonly base: Commit | null; readonly to: Commit },
  { tools: { git }, stopping }: Pick<CheckoutPorts, "tools" | "stopping">,
): Promise<void> {
  const paths = linksOf(service);
  const { reader } = history;
  const needed = filesNeeded(reader, { ...range, paths });
  const missing = await missingOf(reader, needed).catch(async (error: unknown) => {
    if (error instanceof Problem) throw error;
    // Git says what is wrong with the trees.
    await assertTrees(store, range.to, paths, git);
    throw error;
  });
  await fetchBlobs(store, missing, git, stopping);
}
