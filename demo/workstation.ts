/** The administrator's own clone, from which everything is pushed. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Commit, parseCommit } from "../src/model/commit.ts";
import { run } from "../test/host/run.ts";
import { makeTempDir } from "../test/host/temp-dir.ts";
import type { FileChanges, Upstream } from "../test/host/upstream.ts";

const env = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "You",
  GIT_AUTHOR_EMAIL: "you@example.org",
  GIT_COMMITTER_NAME: "You",
  GIT_COMMITTER_EMAIL: "you@example.org",
};

/** Clones the upstream; `dispose` removes the clone. */
export async function makeWorkstation(upstream: Upstream): Promise<Workstation> {
  const workstation = new Workstation(makeTempDir("desk"));
  await run(["git", "clone", "--quiet", upstream.path, workstation.dir], { env });
  return workstation;
}

export class Workstation {
  readonly dir: string;

  /** Use `makeDesk`. */
  constructor(dir: string) {
    this.dir = dir;
  }

  /** Writes the files, commits all changes and pushes them. */
  async push(files: FileChanges, message: string): Promise<Commit> {
    for (const [path, text] of Object.entries(files)) this.#write(path, String(text));
    await this.#git("add", "--all");
    await this.#git("commit", "--quiet", `--message=${message}`);
    await this.#git("push", "--quiet");
    return this.head();
  }

  async head(): Promise<Commit> {
    const commit = parseCommit((await this.#git("rev-parse", "HEAD")).trim());
    if (commit === null) throw new Error(`Cannot find a commit in ${this.dir}`);
    return commit;
  }

  dispose(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }

  #write(path: string, text: string): void {
    mkdirSync(dirname(join(this.dir, path)), { recursive: true });
    writeFileSync(join(this.dir, path), text);
  }

  async #git(...args: readonly string[]): Promise<string> {
    return (await run(["git", ...args], { cwd: this.dir, env })).stdout;
  }
}
