/** Checks every upstream: that it answers, that it has the branches, and how large its store is. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import type { DoctorCheck } from "../../api/shapes.ts";
import { type BundleFile, createBundles } from "../../git/fetch/bundle.ts";
import type { Git } from "../../git/git.ts";
import { probeUpstream } from "../../git/history/log.ts";
import { measureStore } from "../../git/store/pack-store.ts";
import type { Store } from "../../git/types.ts";
import { maskSecrets } from "../../model/text/mask.ts";
import { systemClock } from "../../platform/clock.ts";
import { type Exec, ExecFailure } from "../../platform/process/exec.ts";
import type { UpstreamLoop } from "../../sync/upstream-loop.ts";
import { bad, ok, programTimeoutMs } from "./doctor.ts";

export interface UpstreamPorts {
  readonly git: Git;
  readonly exec: Exec;
  readonly storeMaxBytes: number;
}

export async function checkUpstreams(
  loops: readonly UpstreamLoop[],
  ports: UpstreamPorts,
): Promise<readonly DoctorCheck[]> {
  const checks = await Promise.all([
    ...loops.map((loop) => checkUpstream(loop, ports)),
    ...loops.map(checkBranches),
    ...loops.map((loop) => checkStore(loop, ports)),
  ]);
  return checks.flat();
}

async function checkUpstream(loop: UpstreamLoop, ports: UpstreamPorts): Promise<DoctorCheck> {
  const name = `upstream ${maskSecrets(loop.group.upstream)} as ${loop.group.user}`;
  const [first] = loop.group.services;
  const store = first && loop.managed(first.name)?.store;
  if (store === undefined) return bad(name, "it has not been set up yet", "see the state of its services");
  const bundle = createBundles(systemClock)(store);
  if (bundle !== null) return checkBundle(name, { bundle, store, loop }, ports.exec);
  const why = await probeUpstream(store, ports.git);
  if (why === null) return ok(name, "answers");
  return bad(name, maskSecrets(why), "check the network, the URL, and the credentials of that user");
}

interface CheckedBundle {
  readonly bundle: BundleFile;
  readonly store: Store;
  readonly loop: UpstreamLoop;
}

/** Whether its contents are fine, only a fetch can say. */
async function checkBundle(
  name: string,
  { bundle, store, loop: { view, group } }: CheckedBundle,
  exec: Exec,
): Promise<DoctorCheck> {
  const signal = AbortSignal.timeout(programTimeoutMs);
  const fetched = view.is === "unreachable" ? view.problem.message : null;
  const why = (await bundle.trouble({ store, exec, signal })) ?? fetched;
  if (why === null) return ok(name, "is there and can be read");
  const [one, ...rest] = group.services;
  return bad(
    name,
    why,
    `once that is fixed: gitopperctl pull ${one && rest.length === 0 ? one.name : "--all"}`,
  );
}

/** Branches that cannot be followed though their upstream answers. */
function checkBranches({ group, view }: UpstreamLoop): DoctorCheck[] {
  if (view.is !== "known") return [];
  const { tips, troubles } = view;
  const lost = Map.groupBy(
    group.services.filter(({ branch }) => !tips.has(branch)),
    ({ branch }) => branch,
  );
  return [...lost].map(([branch, services]) => {
    const names = services.map(({ name }) => name).join(", ");
    const why = troubles?.get(branch)?.message ?? `upstream has no such branch; ${names} cannot follow it`;
    const remedy = "push the branch, or name another one in the config";
    return bad(`branch ${branch} of ${maskSecrets(group.upstream)}`, maskSecrets(why), remedy);
  });
}

async function checkStore(
  loop: UpstreamLoop,
  { exec, storeMaxBytes }: UpstreamPorts,
): Promise<DoctorCheck[]> {
  const [first] = loop.group.services;
  const store = first && loop.managed(first.name)?.store;
  if (store === undefined || !existsSync(store.path)) return [];
  const name = `store ${basename(store.path)}`;
  try {
    const bytes = await measureStore(store, exec, programTimeoutMs);
    const size = `${Math.ceil(bytes / 1e6)} MB of ${Math.ceil(storeMaxBytes / 1e6)}`;
    if (bytes <= storeMaxBytes) return [ok(name, size)];
    return [bad(name, size, "raise store_limit, or leave large files out of the repository", "warning")];
  } catch (error) {
    if (!(error instanceof ExecFailure)) throw error;
    if (error.cut !== "time") return [bad(name, error.keyLine, "see the state of its services")];
    const detail = `not measured in ${programTimeoutMs / 1000} s: it has very many files, or its disk is slow`;
    return [bad(name, detail, `see where the files are: du --inodes --max-depth=2 ${store.path}`, "warning")];
  }
}
