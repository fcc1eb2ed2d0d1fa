/** Makes a store anew beside the old one, and swaps them. Checkouts go on with what they have, and point where they did. */
import { chmodSync, chownSync, existsSync, lstatSync, renameSync } from "node:fs";
import type { Commit } from "../model/commit.ts";
import type { AbsPath } from "../model/path.ts";
import type { Exec } from "../platform/exec.ts";
import { ExecFailure } from "../platform/exec.ts";
import { askUpstream } from "./ask-upstream.ts";
import { configureStore, type ObjectFormat, type Store, type StoreTools, writeAs } from "./store.ts";

export interface Renewal {
  readonly branches: readonly string[];
  /** Those that services have or are held at: they are brought along even where no branch has them any more. */
  readonly commits: readonly Commit[];
  readonly signal: AbortSignal;
  /** Does this while no git of ours is at work in the store. */
  readonly alone: (work: () => Promise<void>) => Promise<void>;
}

/**
 * Fetches everything before the old store is touched. Afterwards it is `<store>.broken`, for `removeBroken`, and the
 * administrations of the checkouts are gone: `renewAdministration` makes them.
 * @throws Problem when upstream cannot be asked: all is as it was
 */
export async function renewStore(store: Store, renewal: Renewal, tools: StoreTools): Promise<void> {
  const fresh: Store = { ...store, path: `${store.path}.new` as AbsPath };
  await removeTree(fresh.path, tools.exec);
  const { signal, branches } = renewal;
  const tips = await askUpstream(fresh, branches, tools, { signal, known: null });
  for (const commit of new Set(renewal.commits))
    await bring(commit, [...tips.values()], { old: store, fresh }, tools);
  const { stdout } = await tools.git({ store: fresh.path }, ["rev-parse", "--show-object-format"], fresh);
  await configureStore(fresh, store, stdout.trim() as ObjectFormat, tools.exec);
  await renewal.alone(() => swap(store, fresh, tools.exec));
}

/** From upstream, else from the old store; a commit that neither has is lost, and only its own service will miss it. */
async function bring(
  commit: Commit,
  tips: readonly Commit[],
  { old, fresh }: { readonly old: Store; readonly fresh: Store },
  { git, exec }: StoreTools,
): Promise<void> {
  const { account } = fresh;
  const ask = ["cat-file", "-e", `${commit}^{commit}`];
  try {
    // A partial clone asks its upstream for what it does not have.
    await git({ store: fresh.path }, ask, { account, network: true });
  } catch (error) {
    if (!(error instanceof ExecFailure)) throw error;
    // Of the old store its objects alone: whatever else is damaged there does not matter.
    const env = { GIT_ALTERNATE_OBJECT_DIRECTORIES: `${old.path}/objects` };
    const args = ["pack-objects", "-q", "--revs", "--missing=allow-any", `${fresh.path}/objects/pack/pack`];
    const options = { account, env, input: [commit, ...tips.map((tip) => `^${tip}`), ""].join("\n") };
    const packed = await git({ store: fresh.path }, args, options).catch(() => null);
    const id = packed && /^[0-9a-f]+$/m.exec(packed.stdout)?.[0];
    // Like all that was fetched: blobs may be missing from it.
    if (id) await writeAs(fresh, exec, `objects/pack/pack-${id}.promisor`, "");
  }
}

async function swap(store: Store, fresh: Store, exec: Exec): Promise<void> {
  await removeBroken(store, exec);
  // Both are in a directory of root's, where nobody else can put anything in their place.
  if (existsSync(store.path)) renameSync(store.path, brokenPath(store));
  renameSync(fresh.path, store.path);
}

const brokenPath = (store: Pick<Store, "path">) => `${store.path}.broken`;

/** Removes the old store, when the new one has worked. */
export async function removeBroken(store: Pick<Store, "path">, exec: Exec): Promise<void> {
  await removeTree(brokenPath(store), exec);
}

/** As ourselves: others, such as an administrator's git, may have left files in it that its user cannot remove. */
async function removeTree(path: string, exec: Exec): Promise<void> {
  const seen = lstatSync(path, { throwIfNoEntry: false });
  if (seen === undefined) return;
  // From here on its user cannot get into it; and rm(1) never follows a symlink.
  if (seen.isDirectory()) {
    chownSync(path, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
    chmodSync(path, 0o700);
  }
  await exec(["rm", "-rf", "--one-file-system", "--", path], { timeoutMs: 5 * 60_000, tied: true });
}
