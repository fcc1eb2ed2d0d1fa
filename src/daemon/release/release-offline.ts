/** `gitopper --release`: releases all services of this host while no daemon runs. Reads the state directory alone. */
import { existsSync } from "node:fs";
import { createGit } from "../../git/git.ts";
import { Journal } from "../../history/journal.ts";
import type { StateFile } from "../../history/state-file.ts";
import { createMounter } from "../../host/mounts/mounter.ts";
import { createTrees } from "../../host/release/programs.ts";
import type { AbsPath } from "../../model/path.ts";
import { gitConfigPath, journalPath, storesDir } from "../../platform/files/state-paths.ts";
import { futureRealOf } from "../../platform/files/trust.ts";
import type { Log } from "../../platform/log.ts";
import { exec } from "../../platform/process/exec.ts";
import { type Releasable, type Released, releaseServices } from "../../reconcile/release/release-services.ts";
import { openState } from "../open-state.ts";
import { findCheckouts } from "./find-checkouts.ts";

export type ReleaseHow = "files" | "unmount";

/** Lines for people; the exit status is not 0 when something of gitopper's remains mounted. */
export interface OfflineRelease {
  readonly done: readonly string[];
  readonly faults: readonly string[];
}

/** @throws Error in one line for people when the state file cannot be opened, such as while a daemon runs */
export async function releaseOffline(stateDir: AbsPath, how: ReleaseHow, log: Log): Promise<OfflineRelease> {
  const dir = futureRealOf(stateDir);
  const nothing = { done: ["gitopper: no service to release"], faults: [] };
  if (!existsSync(storesDir(dir)) && !existsSync(journalPath(dir))) return nothing;
  const now = new Date();
  const { file } = openState(dir, log, now);
  try {
    const journal = new Journal(file);
    const services = await findServices(journal, dir);
    if (services.length === 0) return nothing;
    const released = await releaseServices(services, [], {
      ...{ exec, now, mounter: createMounter(exec), trees: createTrees(exec) },
      git: createGit({ exec, globalConfig: gitConfigPath(dir), onRun: () => {} }),
      unmountOnly: how === "unmount",
      unmounted: (target) => journal.removeMount(target),
    });
    if (how === "files") forget(released, journal, file);
    return render(released);
  } finally {
    file.close();
  }
}

/** Those of the state file; where that was lost, those that have a checkout. */
async function findServices(journal: Journal, stateDir: AbsPath): Promise<Releasable[]> {
  const known = journal.records().map(({ service, checkout, store, user }) => ({
    ...{ service, checkout, store, user },
    mounts: journal.mounts(service),
    sources: journal.sources(service),
  }));
  return known.length > 0 ? known : findCheckouts(storesDir(stateDir), exec);
}

function forget(released: readonly Released[], journal: Journal, file: StateFile): void {
  file.together(() => {
    for (const { service, faults } of released) if (faults.length === 0) journal.forget(service);
  });
}

function render(released: readonly Released[]): OfflineRelease {
  return {
    done: released.flatMap(({ service, done, faults }) => {
      const lines = done.length === 0 && faults.length === 0 ? ["nothing was mounted"] : done;
      return lines.map((line) => `${service}: ${line}`);
    }),
    faults: released.flatMap(({ service, faults }) => faults.map((fault) => `${service}: ${fault}`)),
  };
}
