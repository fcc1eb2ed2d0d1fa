/** A file made by git-bundle(1) as upstream, for hosts without a network: git reads it only after it has changed. */
import { Problem } from "../../model/problem.ts";
import { type Clock, systemClock } from "../../platform/clock.ts";
import { type Exec, ExecFailure } from "../../platform/process/exec.ts";
import type { Store, Tips } from "../types.ts";
import { bundlePath } from "../upstream.ts";
import { faultIn, faultText } from "./bundle-faults.ts";
import { canRead, FileObserver, openToAll } from "./bundle-place.ts";
import type { FetchOptions } from "./fetch.ts";

/** Two changes within this time may leave the same time stamp: FAT counts in steps of 2 s. */
const stampsMs = 3_000;

type BundleClock = Pick<Clock, "monotonicMs">;

interface BundlePoll extends Pick<FetchOptions, "signal" | "known" | "hurried" | "unsigned"> {
  readonly store: Store;
  readonly exec: Exec;
}

export class BundleFile {
  readonly #path: string;
  readonly #clock: BundleClock;
  readonly #file: FileObserver;
  #identity = "";
  /** When the file was seen first as it is, and when its last fetch began. */
  #sinceMs = 0;
  #fetchedAtMs = 0;
  /** Why every fetch of the file as it is fails. */
  #fault: Problem | null = null;

  constructor(path: string, clock: BundleClock = systemClock) {
    this.#path = path;
    this.#clock = clock;
    this.#file = new FileObserver(path);
  }

  /** Runs `fetch`, unless it has read the file as it is. @throws Problem that says what is wrong with the file */
  async poll(poll: BundlePoll, fetch: () => Promise<Tips>): Promise<Tips> {
    const isRead = await this.#isRead(poll.signal);
    if (poll.unsigned) assertNotOpenToAll(this.#path);
    if (isRead && !poll.hurried) {
      if (this.#fault !== null) throw this.#fault;
      if (poll.known !== null) return poll.known;
    }
    this.#fetchedAtMs = this.#clock.monotonicMs();
    this.#fault = null;
    try {
      return await fetch();
    } catch (error) {
      throw poll.signal.aborted ? error : await this.#explain(error, poll);
    }
  }

  /** Why the store's user cannot read the file; null: that user can. @throws ExecFailure */
  async trouble({
    store: { account },
    exec,
    signal,
  }: Pick<BundlePoll, "store" | "exec" | "signal">): Promise<string | null> {
    const seen = await this.#file.observe(signal);
    if ("missing" in seen) return seen.missing;
    return (await canRead(this.#path, account, exec)) ? null : faultText({ is: "unreadable" }, account.name);
  }

  /** True when the last fetch began long enough after the last change. @throws Problem when there is no file */
  async #isRead(signal: AbortSignal): Promise<boolean> {
    const seen = await this.#file.observe(signal);
    signal.throwIfAborted();
    const identity = "missing" in seen ? "" : seen.identity;
    if (identity === "" || identity !== this.#identity)
      this.#fetchedAtMs = this.#sinceMs = this.#clock.monotonicMs();
    this.#identity = identity;
    if ("missing" in seen) throw cannotFetch(this.#path, seen.missing);
    return this.#fetchedAtMs - this.#sinceMs >= stampsMs;
  }

  async #explain(error: unknown, poll: BundlePoll): Promise<unknown> {
    const failure = error instanceof Problem && error.cause instanceof ExecFailure ? error.cause : null;
    const fault = failure && faultIn(failure.stderr);
    if (fault === null) return error;
    // Git does not say why it does not see the file; a medium may have been pulled out meanwhile.
    const trouble = fault.is === "foreign" ? await this.trouble(poll) : null;
    const problem = cannotFetch(this.#path, trouble ?? faultText(fault, poll.store.account.name), error);
    // Permissions of the directories above may change while the file stays the same.
    if (trouble === null) this.#fault = problem;
    return problem;
  }
}

function cannotFetch(path: string, why: string, cause?: unknown): Problem {
  return new Problem("git", `Cannot fetch ${JSON.stringify(path)}: ${why}`, {
    cause,
    code: "upstream-unreachable",
  });
}

/** Every user of this host could choose what is deployed. @throws Problem */
function assertNotOpenToAll(path: string): void {
  const open = openToAll(path);
  if (open === null) return;
  const what = open === path ? "it" : JSON.stringify(open);
  throw cannotFetch(
    path,
    `every user of this host may change ${what}; take that permission away, or set verify for all its services`,
  );
}

/** Null for upstreams of other kinds. */
export type BundleOf = (store: Pick<Store, "path" | "upstream">) => BundleFile | null;

/** One bundle for each store. */
export function createBundles(clock: BundleClock): BundleOf {
  const bundles = new Map<string, BundleFile>();
  return ({ path, upstream }) => {
    const file = bundlePath(upstream);
    const bundle = bundles.get(path) ?? (file === null ? null : new BundleFile(file, clock));
    if (bundle !== null) bundles.set(path, bundle);
    return bundle;
  };
}
