/** A staged commit as its service will see it: each link at its place, and what other services have inside them. */
import { join, relative } from "node:path";
import type { StagedBind } from "../../health/namespace.ts";
import { makeTarget, plainSource } from "../../host/mounts/apply-mounts.ts";
import {
  type Bind,
  bindsOf,
  type MountTable,
  mayLeadTo,
  misled,
  observeBind,
  placeOf,
  readMountTable,
} from "../../host/mounts/mounts.ts";
import type { Account } from "../../model/account.ts";
import type { AbsPath } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";
import type { Service } from "../../model/service.ts";
import { realOf } from "../../platform/files/trust.ts";
import type { Exec } from "../../platform/process/exec.ts";
import type { ManagedService } from "../managed-service.ts";

type Placed = StagedBind & { readonly local: AbsPath };

/** Outer ones first. Targets that are missing are made, as mounting makes them. @throws Problem */
export async function stagedBinds(
  managed: ManagedService,
  stage: AbsPath,
  { exec, services }: { readonly exec: Exec; readonly services: readonly Service[] },
): Promise<StagedBind[]> {
  const { service, account } = managed;
  const table = readMountTable();
  const own = bindsOf({ ...service, checkout: stage });
  const others = services.filter(({ name }) => name !== service.name);
  const inside = others
    .flatMap((other) => bindsOf(other))
    .filter((bind) => own.some(({ target }) => liesIn(bind.target, target)))
    .filter((bind) => observeBind(bind, table) === "mounted");
  const placed: Placed[] = [];
  for (const bind of [...own, ...inside].sort((a, b) => depthOf(a) - depthOf(b))) {
    const outer = placed.findLast(({ local }) => liesIn(bind.target, local));
    const target = await targetOf(bind, outer, { account, exec });
    placed.push({ ...sourceOf(bind, table), target, local: bind.target });
  }
  return placed;
}

function liesIn(path: AbsPath, directory: AbsPath): boolean {
  return path.startsWith(`${directory}/`);
}

function depthOf({ target }: Bind): number {
  return target.split("/").length;
}

function sourceOf(bind: Bind, table: MountTable): Pick<StagedBind, "source" | "place"> {
  const source = plainSource(bind);
  const place = placeOf(source, table);
  if (place !== null) return { source, place };
  throw new Problem("host", `Cannot find the file system of ${JSON.stringify(source)}`);
}

/** Inside another link the target has to be in what is staged for that one, whatever is live. */
async function targetOf(
  bind: Bind,
  outer: Placed | undefined,
  { account, exec }: { readonly account: Account; readonly exec: Exec },
): Promise<AbsPath> {
  if (outer !== undefined) {
    const inner = relative(outer.local, bind.target);
    await makeTarget({ ...bind, target: join(outer.source, inner) as AbsPath }, account, exec);
    return join(outer.target, inner) as AbsPath;
  }
  await makeTarget(bind, account, exec);
  const real = realOf(bind.target);
  if (real === null || !mayLeadTo(bind.target, real)) throw misled(bind.target);
  return real as AbsPath;
}
