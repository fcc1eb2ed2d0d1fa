/** Brings the files of a commit that a checkout needs and its store does not have, before git writes them. */
import { fetchBlobs } from "../../git/fetch/fetch-objects.ts";
import { filesNeeded, missingOf } from "../../git/history/files-needed.ts";
import { assertTrees } from "../../git/history/trees.ts";
import type { Commit } from "../../model/commit.ts";
import { Problem } from "../../model/problem.ts";
import { linksOf } from "../links.ts";
import type { ManagedService } from "../managed-service.ts";
import type { CheckoutPorts } from "./ports.ts";

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
