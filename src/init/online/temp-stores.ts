/** A place for stores that are thrown away: upstreams are polled as by the daemon, and nothing of it stays. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepareGit, prepareStateDir } from "../../daemon/boot.ts";
import { backgroundPace, createGit } from "../../git/git.ts";
import { removeTree, type StoreTools } from "../../git/store/store.ts";
import type { AbsPath } from "../../model/path.ts";
import { gitConfigPath, templateDir } from "../../platform/files/state-paths.ts";
import { exec } from "../../platform/process/exec.ts";

export interface TempStores extends AsyncDisposable {
  readonly stateDir: AbsPath;
  readonly tools: StoreTools;
}

/** Disposing removes it. The directory belongs to this user; each store to the user whose git works there. */
export function makeTempStores(upstreams: readonly string[]): TempStores {
  const stateDir = mkdtempSync(join(tmpdir(), "gitopper-online-")) as AbsPath;
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
