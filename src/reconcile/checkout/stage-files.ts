/** Stages a commit of a service beside its checkout, or in a new one that nothing mounts yet. */
import { updateCheckout } from "../../git/checkout/checkout.ts";
import { inspectTree, type JudgeSymlink, type Staged, stageCommit } from "../../git/checkout/stage.ts";
import { stageOf } from "../../git/checkout/stage-directory.ts";
import { fetchBlobs } from "../../git/fetch/fetch-objects.ts";
import { filesNeeded, missingOf } from "../../git/history/files-needed.ts";
import { assertTrees } from "../../git/history/trees.ts";
import type { Commit } from "../../model/commit.ts";
import { Problem } from "../../model/problem.ts";
import type { Service } from "../../model/service.ts";
import { symlinkFault } from "../../rollout/content/symlinks.ts";
import { assertModes, linksOf } from "../links.ts";
import type { ManagedService } from "../managed-service.ts";
import type { StepOf } from "../ports.ts";
import { assertNoLfsPointers } from "../target/lfs-pointers.ts";
import { accessOf } from "./link-access.ts";
import type { CheckoutPorts } from "./ports.ts";

type Stager = (step: StepOf<"stage">, managed: ManagedService, ports: CheckoutPorts) => Promise<Staged>;

/** @throws Problem; Refusal where the commit has what may not be */
export const stageFiles: Stager = (step, managed, ports) =>
  withModes(step, managed, async () => {
    const { store, service } = managed;
    const access = await accessOf(service, ports.findGroup);
    const bring = (base: Commit | null) => bringGood({ base, to: step.commit }, managed, ports);
    const place = { store, checkout: service.checkout, access };
    return stageCommit(place, step, { ...ports.tools, judgeSymlink: symlinksOf(service), bring });
  });

/** For a checkout that is new and not mounted yet. @throws as `stageFiles` */
export const stageInPlace: Stager = (step, managed, ports) =>
  withModes(step, managed, async () => {
    const { store, service, account } = managed;
    const { checkout } = service;
    const access = await accessOf(service, ports.findGroup);
    await bringGood({ base: null, to: step.commit }, managed, ports);
    await updateCheckout({ store, checkout }, step.commit, ports.tools.git);
    await inspectTree({ tree: checkout, owner: account.uid, access }, symlinksOf(service));
    return { ...stageOf(checkout), tree: checkout, commit: step.commit, whole: true, removed: [], access };
  });

/** Git ignores modes that it does not know, so they can be verified while it works. */
async function withModes<T>(
  { commit, base }: StepOf<"stage">,
  managed: ManagedService,
  stage: () => Promise<T>,
): Promise<T> {
  const modes = assertModes(managed, commit, base);
  modes.catch(() => {});
  const staged = await stage();
  await modes;
  return staged;
}

function symlinksOf(service: Service): JudgeSymlink {
  return (path, target) => symlinkFault(service, path, target);
}

async function bringGood(
  range: { readonly base: Commit | null; readonly to: Commit },
  managed: ManagedService,
  ports: CheckoutPorts,
): Promise<void> {
  await bringFiles(managed, range, ports);
  await assertNoLfsPointers(managed, range);
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
