/** A git repository to push to, in a temporary directory of this machine. */
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Commit, parseCommit } from "../../src/model/commit.ts";
import { type ServedUpstream, serveUpstream } from "./http-upstream.ts";
import { type RunResult, run } from "./run.ts";
import type { Signer } from "./signing-keys.ts";
import { makeTempDir } from "./temp-dir.ts";

/**
 * A file's text, or its text and git mode (`100755`, `120000` for a symlink, `160000` for a submodule, whose text is a
 * commit); null deletes it.
 */
export type FileChange = string | { readonly text: string; readonly mode: string } | null;
export type FileChanges = Readonly<Record<string, FileChange>>;

export interface UpstreamOptions {
  /** The first commit on `main`. */
  readonly files: FileChanges;
  /** The message of that commit. */
  readonly message?: string;
  /** More branches, which start at that commit. */
  readonly branches?: readonly string[];
  /** Whether it knows partial clones; default true. */
  readonly filter?: boolean;
  /** `user:password`, which it requires when it is served; default is none. */
  readonly credentials?: string;
}

export interface CommitOptions {
  readonly branch?: string;
  readonly message?: string;
  /** Default: it is not signed. */
  readonly signer?: Signer;
}

/** Makes a bare repository with one commit; `await using` or `dispose()` removes it. */
export async function makeUpstream(options: UpstreamOptions): Promise<Upstream> {
  const upstream = new Upstream(makeTempDir("upstream"));
  await upstream.init(options);
  return upstream;
}

export class Upstream {
  /** The directory that a host must bind to see `path`. */
  readonly dir: string;
  /** The bare repository. */
  readonly path: string;
  #served: ServedUpstream | null = null;
  #commits = 0;
  #credentials: string | null = null;

  /** Use `makeUpstream`. */
  constructor(dir: string) {
    this.dir = dir;
    this.path = join(dir, "repo.git");
  }

  async init(options: UpstreamOptions): Promise<void> {
    this.#credentials = options.credentials ?? null;
    // Readable for the users that a host's services run git as, when it is bound into the host.
    chmodSync(this.dir, 0o755);
    mkdirSync(this.path);
    await this.git("init", "--quiet", "--bare", "--initial-branch=main");
    const filter = String(options.filter ?? true);
    await this.git("config", "uploadpack.allowFilter", filter);
    await this.git("config", "uploadpack.allowAnySHA1InWant", filter);
    const { message } = options;
    const first = await this.commit(options.files, message === undefined ? {} : { message });
    for (const branch of options.branches ?? []) await this.git("branch", branch, first);
  }

  /** Commits on top of a branch, which is made when there is none. */
  commit(files: FileChanges, options: CommitOptions = {}): Promise<Commit> {
    return this.#import(files, options, null);
  }

  /** Takes many commits at once, as git-fast-import(1) reads them. */
  async import(stream: string): Promise<void> {
    await this.#git(["fast-import", "--quiet", "--force"], stream);
  }

  /** Rewrites a branch: it goes back to `onto`, and a new commit follows. */
  forcePush(files: FileChanges, options: CommitOptions & { readonly onto: Commit }): Promise<Commit> {
    return this.#import(files, options, options.onto);
  }

  /** Merges a branch into `main`. */
  async merge(branch: string): Promise<Commit> {
    const tree = (await this.git("merge-tree", "--write-tree", "main", branch)).stdout.trim();
    const made = ["commit-tree", "-p", "main", "-p", branch, "-m", `Merge ${branch}`, tree];
    const identity = ["-c", "user.name=A Tester", "-c", "user.email=tester@example.org"];
    const { stdout } = await this.git(...identity, ...made);
    await this.git("update-ref", "refs/heads/main", stdout.trim());
    return this.head();
  }

  async deleteBranch(branch: string): Promise<void> {
    await this.git("update-ref", "-d", `refs/heads/${branch}`);
  }

  async head(branch = "main"): Promise<Commit> {
    const text = (await this.git("rev-parse", "--verify", `refs/heads/${branch}`)).stdout.trim();
    const commit = parseCommit(text);
    if (commit === null) throw new Error(`Not a commit: "${text}"`);
    return commit;
  }

  /** Serves it over smart HTTP on loopback, until it is disposed of. */
  async serve(): Promise<ServedUpstream> {
    this.#served ??= await serveUpstream(this.dir, "repo.git", { credentials: this.#credentials });
    return this.#served;
  }

  /** Runs git in the bare repository, with no config but the repository's own. */
  git(...args: readonly string[]): Promise<RunResult> {
    return this.#git(args, "");
  }

  async dispose(): Promise<void> {
    await this.#served?.down();
    rmSync(this.dir, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  async #import(files: FileChanges, options: CommitOptions, onto: Commit | null): Promise<Commit> {
    const { branch = "main", message = `change ${++this.#commits}` } = options;
    const ref = `refs/heads/${branch}`;
    const known = await run(["git", "-C", this.path, "rev-parse", "-q", "--verify", ref], {
      allowFailure: true,
    });
    const parent = onto ?? known.stdout.trim();
    const header = [`commit ${ref}`, `committer A Tester <tester@example.org> ${nowInSeconds()} +0000`];
    const stream = [...header, data(message), ...(parent === "" ? [] : [`from ${parent}`])];
    for (const [path, change] of Object.entries(files)) stream.push(...renderChange(path, change));
    await this.import(`${stream.join("\n")}\n`);
    if (options.signer !== undefined) await this.#sign(ref, message, options.signer);
    return this.head(branch);
  }

  /** Makes the newest commit again, signed. */
  async #sign(ref: string, message: string, { config, env }: Signer): Promise<void> {
    const [, parent] = (await this.git("rev-list", "--parents", "--max-count=1", ref)).stdout
      .trim()
      .split(" ");
    const settings = Object.entries(config).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
    const parents = parent === undefined ? [] : ["-p", parent];
    const args = [...settings, "commit-tree", "-S", ...parents, "-m", message, `${ref}^{tree}`];
    const { stdout } = await this.#git(args, "", { ...identity, ...env });
    await this.git("update-ref", ref, stdout.trim());
  }

  #git(
    args: readonly string[],
    input: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<RunResult> {
    return run(["git", ...args], { cwd: this.path, env: { ...gitEnv, ...env }, input, timeoutMs: 600_000 });
  }
}

const gitEnv = { GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null", GIT_TERMINAL_PROMPT: "0" };

const identity = {
  GIT_AUTHOR_NAME: "A Tester",
  GIT_AUTHOR_EMAIL: "tester@example.org",
  GIT_COMMITTER_NAME: "A Tester",
  GIT_COMMITTER_EMAIL: "tester@example.org",
};

/** git-fast-import(1): a length in bytes, then the bytes. */
function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`;
}

function renderChange(path: string, change: FileChange): string[] {
  if (change === null) return [`D ${path}`];
  const { text, mode } = typeof change === "string" ? { text: change, mode: "100644" } : change;
  return mode === "160000" ? [`M ${mode} ${text} ${path}`] : [`M ${mode} inline ${path}`, data(text)];
}

function nowInSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
