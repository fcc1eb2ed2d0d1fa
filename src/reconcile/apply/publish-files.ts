/** Stages a commit of a service, and publishes it into the checkout. */
import { setImmediate } from "node:timers/promises";
import { updateCheckout } from "../../git/checkout/checkout.ts";
import { publishStage } from "../../git/checkout/publish.ts";
import { refreshIndex } from "../../git/checkout/refresh-index.ts";
import { inspectTree, type JudgeSymlink, type Staged, stageCommit } from "../../git/checkout/stage.ts";
import { removeStage, stageOf } from "../../git/checkout/stage-directory.ts";
import { stampOf } from "../../git/checkout/stamp.ts";
import type { Commit } from "../../model/commit.ts";
import type { AbsPath } from "../../model/path.ts";
import { createYieldToEventLoop } from "../../platform/yield-to-event-loop.ts";
import { symlinkFault } from "../../rollout/content/symlinks.ts";
import type { Step } from "../../rollout/plan.ts";
import type { Context } from "../context.ts";
import { assertModes } from "../links.ts";
import type { ManagedService } from "../managed-service.ts";
import { assertNoLfsPointers } from "../target/lfs-pointers.ts";
import { bringFiles } from "./bring-files.ts";
import { checkCommit } from "./check-commit.ts";
import { accessOf } from "./link-access.ts";

/** @throws Problem; Refusal where the commit has what may not be */
export async function stageFiles(
  step: Extract<Step, { do: "stage" }>,
  managed: ManagedService,
  context: Context,
): Promise<void> {
  // Git ignores modes that it does not know, so they can be verified while it works.
  const modes = assertModes(managed, step.commit, step.base);
  modes.catch(() => {});
  await stageTree(step, managed, context);
  await modes;
}

async function stageTree(
  step: Extract<Step, { do: "stage" }>,
  managed: ManagedService,
  context: Context,
): Promise<void> {
  const { git, exec } = context;
  const { store, service, account } = managed;
  const { checkout } = service;
  const access = await accessOf(service, context);
  const judgeSymlink: JudgeSymlink = (path, target) => symlinkFault(service, path, target);
  const bring = async (base: Commit | null) => {
    const range = { base, to: step.commit };
    await bringFiles(managed, range, context);
    await assertNoLfsPointers(managed, range);
  };
  if (!managed.fresh) {
    managed.staged = await stageCommit({ store, checkout, access }, step, { git, exec, judgeSymlink, bring });
    return;
  }
  // Nobody reads it yet, so it is its own stage.
  await bring(null);
  await updateCheckout(store, checkout, step.commit, git);
  await inspectTree({ tree: checkout, owner: account.uid, access }, judgeSymlink);
  managed.staged = {
    ...stageOf(checkout),
    tree: checkout,
    commit: step.commit,
    whole: true,
    removed: [],
    access,
  };
}

/** @throws Refusal where something speaks against the commit; Problem when that cannot be found out */
export async function checkStaged(commit: Commit, managed: ManagedService, context: Context): Promise<void> {
  await checkCommit(managed, { commit, stage: stagedFor(commit, managed).tree }, context);
}

function stagedFor(
  commit: Commit,
  { staged, service }: ManagedService,
): NonNullable<ManagedService["staged"]> {
  if (staged?.commit === commit) return staged;
  throw new Error(`Commit ${commit} is not staged for ${service.name}`);
}

/** What remains to be done afterwards goes on in the background; see `finishPublishing`. @throws Problem */
export async function publishFiles(commit: Commit, managed: ManagedService, context: Context): Promise<void> {
  const { service, account } = managed;
  const { checkout, name } = service;
  const staged = stagedFor(commit, managed);
  context.records.markCheckoutDirty(name);
  if (managed.fresh) {
    managed.seen = await cleanAt(checkout, commit);
    managed.fresh = false;
    return;
  }
  // Not the old answer: a commit that differs in none of the files leaves their stamp as it was, but not HEAD.
  managed.seen = null;
  const tools = { exec: context.exec, yieldToEventLoop: createYieldToEventLoop() };
  const changed = await publishStage({ checkout, account }, staged, tools);
  managed.pendingIndexUpdate = settle(staged, managed, changed, context);
  managed.pendingIndexUpdate.catch(() => {});
}

async function settle(
  staged: Staged,
  { store, service }: ManagedService,
  changed: Awaited<ReturnType<typeof publishStage>>,
  { git, exec }: Context,
): Promise<void> {
  using directories = changed;
  // Starting a process takes a moment as well, and the unit's is first.
  await setImmediate();
  await Promise.all([
    refreshIndex({ store, checkout: service.checkout }, staged, git),
    directories.flush(exec),
  ]);
}

/** Once for each deployment: waits for what a publish left to be done, and takes the stage away. @throws Problem */
export async function finishPublishing(managed: ManagedService, { exec }: Context): Promise<void> {
  const { pendingIndexUpdate, staged, account } = managed;
  managed.pendingIndexUpdate = null;
  managed.staged = null;
  await pendingIndexUpdate;
  if (staged !== null) await removeStage(staged, account, exec);
}

/** What git would say of a checkout that has just been made, without asking it. */
async function cleanAt(checkout: AbsPath, head: Commit): Promise<ManagedService["seen"]> {
  const stamp = await stampOf(checkout);
  return stamp === null
    ? null
    : { stamp, attributes: [], checkout: { is: "present", head, edits: [], ignored: false } };
}
