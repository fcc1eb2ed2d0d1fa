/** Finds the checkouts of a host whose state file is lost, by the stores that they belong to. */
import { lstatSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { realGitDirOf } from "../../git/store/pointer.ts";
import { findAccounts } from "../../host/accounts.ts";
import { createIsOurs, readMountPoints, readMountTable } from "../../host/mounts/mounts.ts";
import { type AbsPath, isAtOrBelow, parseAbsPath } from "../../model/path.ts";
import { HeldDirectory } from "../../platform/files/held-directory.ts";
import { readSmallFile } from "../../platform/files/small-file.ts";
import { untrustedPart } from "../../platform/files/trust.ts";
import type { Exec } from "../../platform/process/exec.ts";
import type { Releasable } from "../../reconcile/release/release-services.ts";

/** More than a host has; the users of the stores may put anything there. */
const entriesMax = 10_000;

/** What the users of the stores write is believed only of checkouts that point back, where root alone may make one. */
export async function findCheckouts(storesDir: AbsPath, exec: Exec): Promise<Releasable[]> {
  const found: Releasable[] = [];
  for (const name of namesIn(storesDir)) {
    const store = join(storesDir, name) as AbsPath;
    const user = await ownerOf(store, exec);
    if (user === null) continue;
    for (const checkout of checkoutsOf(store))
      if (!found.some((other) => other.checkout === checkout))
        found.push({
          service: basename(checkout),
          checkout,
          store,
          user,
          mounts: mountsOf(checkout),
          sources: [],
        });
  }
  return found;
}

function checkoutsOf(store: AbsPath): AbsPath[] {
  return namesIn(join(store, "worktrees")).flatMap((name) => {
    const pointer = readSmallFile(join(store, "worktrees", name, "gitdir"));
    const checkout = parseAbsPath(dirname(pointer?.trim() || "none"));
    if (checkout === null || untrustedPart(checkout) !== null) return [];
    const gitDir = realGitDirOf(checkout);
    return gitDir !== null && isAtOrBelow(gitDir, store) ? [checkout] : [];
  });
}

function mountsOf(checkout: AbsPath): AbsPath[] {
  const isOurs = createIsOurs({ checkout }, readMountTable());
  const points = readMountPoints().filter(isOurs);
  return [...new Set(points.map(({ point }) => point as AbsPath))];
}

async function ownerOf(path: string, exec: Exec): Promise<string | null> {
  const uid = lstatSync(path).uid;
  // getent(1) takes a number too.
  const accounts = await findAccounts([String(uid)], exec);
  return [...accounts.values()].find((account) => account.uid === uid)?.name ?? null;
}

function namesIn(path: string): string[] {
  using directory = HeldDirectory.find(path);
  const names: string[] = [];
  for (const { name } of directory?.entries() ?? []) if (names.push(name) >= entriesMax) break;
  return names;
}
