/** Fetches the tips of an upstream, into a store that is made when it is missing. */
import { Problem } from "../../model/problem.ts";
import { systemClock } from "../../platform/clock.ts";
import { during } from "../../platform/trace/span.ts";
import type { Git } from "../git.ts";
import { emptyStore, ensureStore, type StoreTools } from "../store/store.ts";
import { formatOf } from "../store/store-config.ts";
import type { Store, StoreKind, Tips } from "../types.ts";
import { bundlePath } from "../upstream.ts";
import { createBundles } from "./bundle.ts";
import { type FetchOptions, fetchProblem, fetchTips } from "./fetch.ts";
import { servesSingleFiles } from "./server-abilities.ts";
import { showHeaders } from "./throttled.ts";

/** Git's words, of protocol 2 and of the older ones, for a repository with SHA-256 ids. */
const otherFormat =
  /mismatched algorithms: client sha1; server sha256|does not support this repository's object format/;

const packFault = /pack is corrupted/;

/** @throws Problem when upstream cannot be reached */
export async function askUpstream(
  store: Store,
  branches: readonly string[],
  tools: StoreTools,
  options: FetchOptions,
): Promise<Tips> {
  const { bundles = createBundles(systemClock), exec } = tools;
  const ask = () => askGit(store, branches, tools, options);
  return bundles(store)?.poll({ ...options, store, exec }, ask) ?? ask();
}

async function askGit(
  store: Store,
  branches: readonly string[],
  tools: StoreTools,
  options: FetchOptions,
): Promise<Tips> {
  const kind = () => kindFor(store, tools.git, options);
  await during({ name: "ensure the store" }, () => ensureStore(store, tools, { kind }));
  const { known, signal, hurried } = options;
  // A service that waits for a commit is served best by the fetch that brings it.
  const quickLook = known === null || hurried ? null : tools.quickLook?.(store);
  if (known !== null && (await quickLook?.isUnchanged(branches, known, signal))) return known;
  const fetching = { ...options, store, git: tools.git };
  try {
    return await fetchTips(branches, fetching);
  } catch (error) {
    if (!(error instanceof Problem && (await isOfOtherFormat(error, store, tools.git)))) throw error;
    // Only a fetch reveals the object format. A store that has fetched before has checkouts, and must not be wiped.
    if ((await tools.git(store, ["for-each-ref", "--count=1"])).stdout !== "") throw error;
    await emptyStore(store, tools.exec);
    await ensureStore(store, tools, { kind, format: "sha256" });
    return fetchTips(branches, fetching);
  }
}

/** Of a bundle git says only that its pack is corrupted. @throws ExecFailure */
async function isOfOtherFormat(error: Problem, store: Store, git: Git): Promise<boolean> {
  if (bundlePath(store.upstream) === null) return otherFormat.test(error.message);
  if (!packFault.test(error.message) || formatOf(store) === "sha256") return false;
  const { stdout } = await git(store, ["ls-remote", "--quiet", "origin"], { network: "question" });
  return /^[0-9a-f]{64}\t/.test(stdout);
}

/** The kind and format for a new store of this upstream. @throws Problem when upstream cannot be reached */
async function kindFor(store: Store, git: Git, options: FetchOptions): Promise<StoreKind> {
  const { signal, wasThrottled } = options;
  if (bundlePath(store.upstream) !== null) return "whole";
  try {
    const env = wasThrottled ? showHeaders : {};
    return (await servesSingleFiles(store, git, { signal, env })) ? "partial" : "whole";
  } catch (error) {
    throw fetchProblem(store, error);
  }
}
