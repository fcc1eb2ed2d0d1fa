/** A temporary directory for the time of one adoption, and the git that runs with it. */
import { chmodSync, chownSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createGit, type Git } from "../../git/git.ts";
import { renderGitConfig } from "../../git/git-config.ts";
import { localRepositories } from "../../git/upstream.ts";
import type { Account } from "../../model/account.ts";
import type { AbsPath } from "../../model/path.ts";
import { makeTempDir } from "../../platform/files/temp-dir.ts";
import type { Exec } from "../../platform/process/exec.ts";

export class Workspace implements Disposable {
  readonly path: AbsPath;
  readonly exec: Exec;
  readonly git: Git;

  /** `upstream`: a local one is trusted though another user owns it. */
  constructor(exec: Exec, upstream: string) {
    this.exec = exec;
    const { path, leftovers } = makeTempDir("adopt");
    this.path = path;
    for (const left of leftovers) removeAll(left);
    // Git of another user reads the config.
    chmodSync(this.path, 0o711);
    const globalConfig = join(this.path, "gitconfig") as AbsPath;
    writeFileSync(globalConfig, renderGitConfig(localRepositories(upstream)));
    this.git = createGit({ exec, globalConfig, onRun: () => {} });
  }

  /** An empty directory that only this user may enter. */
  directory(name: string, { uid, gid }: Account): AbsPath {
    const path = join(this.path, name) as AbsPath;
    mkdirSync(path, { mode: 0o700 });
    chownSync(path, uid, gid);
    return path;
  }

  [Symbol.dispose](): void {
    removeAll(this.path);
  }
}

function removeAll(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
