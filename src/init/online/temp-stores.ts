/** A place for stores that are thrown away: upstreams are polled as by the daemon, and nothing of it stays. */
import { prepareGit, prepareStateDir } from "../../daemon/boot.ts";
import { backgroundPace, createGit } from "../../git/git.ts";
import { removeTree, type StoreTools } from "../../git/store/store.ts";
import type { AbsPath } from "../../model/path.ts";
import { gitConfigPath, templateDir } from "../../platform/files/state-paths.ts";
import { makeTempDir } from "../../platform/files/temp-dir.ts";
import { exec } from "../../platform/process/exec.ts";

export interface TempStores extends AsyncDisposable {
  readonly stateDir: AbsPath;
  readonly tools: StoreTools;
}

/** Disposing removes it. The directory belongs to this user; each store to the user whose git works there. */
export async function makeTempStores(upstreams: readonly string[]): Promise<TempStores> {
  const { path: stateDir, leftovers } = makeTempDir("online");
  for (const left of leftovers) await removeTree(left, exec);
  prepareStateDir(stateDir);
  prepareGit(stateDir, upstreams);
  const git = createGit({
    exec,
    globalConfig: gitConfigPath(stateDir),
    onRun: () => {},
    pace: { ...backgroundPace, waiting: Number.POSITIVE_INFINITY },
  });
  return {
    stateDir,
    tools: { git, exec, template: templateDir(stateDir) },
    [Symbol.asyncDispose]: () => removeTree(stateDir, exec),
  };
}
