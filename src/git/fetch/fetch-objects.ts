/** Fetches missing objects into a store by their ids. No git of ours fetches anything implicitly. */
import type { Commit } from "../../model/commit.ts";
import { type Git, type GitOptions, throwAsProblem } from "../git.ts";
import { readingIn } from "../history/reader.ts";
import { codeOfFetch } from "../store/damage.ts";
import type { Store } from "../types.ts";
import { fetchOptions, filterOf } from "./fetch.ts";

/** Fetches the blobs that the store lacks, in one request. @throws Problem */
export async function fetchBlobs(
  store: Store,
  ids: readonly string[],
  git: Git,
  signal?: AbortSignal,
): Promise<void> {
  if (ids.length === 0) return;
  const failed = throwAsProblem(`Cannot fetch files of ${JSON.stringify(store.upstream)}`, codeOfFetch);
  await fetchIds(store, ids, git, signal ? { signal } : {}).catch(failed);
}

/** Fetches a commit with its history, if the store lacks it. @throws ExecFailure */
export async function fetchCommit(store: Store, commit: Commit, git: Git): Promise<void> {
  const ask = ["cat-file", "-e", `${commit}^{commit}`];
  const { status } = await git(readingIn(store), ask, { okStatus: [0, 1, 128] });
  // Upstream may have dropped the commit, which is no damage of the store.
  if (status !== 0) await fetchIds(store, [commit], git, { ignoresDamage: true });
}

async function fetchIds(
  store: Store,
  ids: readonly string[],
  git: Git,
  options: Pick<GitOptions, "ignoresDamage" | "signal">,
): Promise<void> {
  // Without negotiation: the wanted ids are known.
  const args = [
    "-c",
    "fetch.negotiationAlgorithm=noop",
    "fetch",
    ...fetchOptions,
    ...filterOf(store),
    "--stdin",
  ];
  await git(store, [...args, "origin"], {
    network: "transfer",
    input: `${ids.join("\n")}\n`,
    ...options,
  });
}

/** The ids among these that the store lacks. @throws ExecFailure */
export async function missingIds(store: Store, ids: readonly string[], git: Git): Promise<string[]> {
  if (ids.length === 0) return [];
  const input = `${ids.join("\n")}\n`;
  const { stdout } = await git(readingIn(store), ["cat-file", "--batch-check"], { input });
  return stdout
    .split("\n")
    .flatMap((line) => (line.endsWith(" missing") ? [line.slice(0, -" missing".length)] : []));
}
