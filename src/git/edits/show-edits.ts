/** Shows the local edits of a checkout as a patch for people. */
import type { Commit } from "../../model/commit.ts";
import { showPath } from "../../model/text/path-bytes.ts";
import type { Edit } from "../checkout/checkout.ts";
import { lstatInside } from "../checkout/files-in-the-way.ts";
import type { Git } from "../git.ts";
import { type ShownDiff, shownDiff } from "../records.ts";
import type { CheckoutInStore } from "../types.ts";
import { diffEdits, isRemovable } from "./edits.ts";
import { unreadableAmong } from "./unreadable.ts";

/** Git holds both versions of the largest file in memory at once. */
const fileMaxBytes = 1024 * 1024;
const diffMaxBytes = 1024 * 1024;
const filesMax = 1_000;

export interface ShownEdits extends ShownDiff {
  /** Edits that are missing in it, and why. */
  readonly omitted: readonly { readonly path: string; readonly why: string }[];
}

/** Does not touch the checkout's own index. @throws Problem */
export async function showEdits(
  where: CheckoutInStore,
  { base, edits }: { readonly base: Commit; readonly edits: readonly Edit[] },
  git: Git,
  signal: AbortSignal,
): Promise<ShownEdits> {
  const reasons = await reasonsAgainst(where, edits);
  const paths = edits.flatMap(({ path }) => (reasons.has(path) ? [] : [path]));
  const omitted = [...reasons].slice(0, filesMax).map(([path, why]) => ({ path: showPath(path), why }));
  if (paths.length === 0) return { text: "", truncated: false, omitted };
  const what = `Cannot compare the files in ${JSON.stringify(where.checkout)}`;
  const diff = await shownDiff(what, (kind, onStdout) => {
    const output = { onStdout, stdoutMaxBytes: diffMaxBytes, signal };
    return diffEdits(where, base, { paths, index: "index.shown", kind, output }, git);
  });
  return { ...diff, omitted };
}

async function reasonsAgainst(
  { store, checkout }: CheckoutInStore,
  edits: readonly Edit[],
): Promise<ReadonlyMap<string, string>> {
  const paths = edits.map(({ path }) => path);
  const unreadable = new Set(await unreadableAmong(checkout, paths, store.account));
  const whyNot = (path: string, index: number): string => {
    if (index >= filesMax) return `it is one of more than ${filesMax}`;
    if (!isRemovable(path)) return "it is a repository of its own";
    if (unreadable.has(path)) return `${store.account.name} may not read it`;
    const size = lstatInside(checkout, path)?.size ?? 0;
    return size > fileMaxBytes ? "it is larger than 1 MiB" : "";
  };
  return new Map(
    edits.flatMap(({ path }, index) => {
      const why = whyNot(path, index);
      return why === "" ? [] : [[path, why] as const];
    }),
  );
}
