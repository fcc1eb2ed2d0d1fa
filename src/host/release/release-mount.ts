/** Puts the files of a mount in its place, so that whoever reads them notices nothing, and unmounts it. */
import { fstatSync, lstatSync } from "node:fs";
import { basename, dirname, relative } from "node:path";
import type { AbsPath } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";
import { HeldDirectory } from "../../platform/files/held-directory.ts";
import { realOf } from "../../platform/files/trust.ts";
import { hasCode } from "../../platform/files/write-whole.ts";
import { type Exec, ExecFailure } from "../../platform/process/exec.ts";
import { unmountOurs } from "../mounts/apply-mounts.ts";
import type { Mounter } from "../mounts/mount-programs.ts";
import { countOnTop, createIsOurs, type MountTable, oursAt, readMountTable } from "../mounts/mounts.ts";
import type { Backups } from "./backups.ts";
import { fillHiddenFile } from "./hidden-file.ts";
import { fillHidden, type Inside, stageName } from "./hidden-tree.ts";
import type { Mounted, Planned } from "./plan-release.ts";
import type { Trees } from "./programs.ts";
import { openView, type View } from "./view.ts";

export interface ReleaseTools {
  readonly exec: Exec;
  readonly mounter: Mounter;
  readonly trees: Trees;
}

export type ReleasedMount =
  /** Nothing of gitopper's was mounted there; what is there stays as it is. */
  | { readonly is: "absent" }
  | { readonly is: "unmounted" }
  /** `saved`: where the hidden files are now; null: none were lost. */
  | { readonly is: "files"; readonly saved: string | null };

/** Everything before the unmount is hidden beneath the mount. @throws Problem */
export async function releaseMount(
  planned: Planned,
  backups: Backups,
  tools: ReleaseTools,
): Promise<ReleasedMount> {
  const { target, ours, inside, inTheWay } = planned;
  const table = readMountTable();
  const seen = oursAt(ours, target, table);
  const refuse = (why: string) => refusal(target, why);
  if (seen === "none" && hasStage(target))
    throw refuse("a release was interrupted there; start gitopper, and release it again");
  if (seen === "none") return { is: "absent" };
  if (seen === "covered") throw refuse("something else is mounted over it; unmount that");
  if (inTheWay !== null) throw refuse(inTheWay);
  try {
    const saved = await fill(planned, table, backups, tools);
    await unmountOurs(ours, target, tools.mounter);
    // Those that were mounted before the outer one was, and were covered by it.
    for (const each of inside) await unmountOurs(each.ours, each.target, tools.mounter);
    return { is: "files", saved };
  } catch (error) {
    if (error instanceof ExecFailure) throw refusal(target, error.keyLine, error);
    if (hasCode(error, "ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "EIO"))
      throw refusal(target, error instanceof Error ? error.message : String(error), error);
    throw error;
  }
}

/** The mount is gone before the files were in its place, as after a reboot. */
function hasStage(target: AbsPath): boolean {
  using directory = HeldDirectory.find(target);
  return directory?.lstat(stageName)?.uid === 0;
}

/** Only unmounts it. @throws Problem */
export async function unmountOnly(
  { target, ours, inside }: Planned,
  mounter: Mounter,
): Promise<ReleasedMount> {
  const seen = oursAt(ours, target, readMountTable());
  if (seen === "covered") throw refusal(target, "something else is mounted over it; unmount that");
  for (const each of inside.toSorted((a, b) => b.target.length - a.target.length))
    await unmountOurs(each.ours, each.target, mounter);
  await unmountOurs(ours, target, mounter);
  return { is: seen === "none" ? "absent" : "unmounted" };
}

async function fill(
  planned: Planned,
  table: MountTable,
  backups: Backups,
  { exec, trees }: ReleaseTools,
): Promise<string | null> {
  const { target } = planned;
  using views = new DisposableStack();
  const source = views.use(await openSource(planned, table, exec));
  const file = source.directory === null;
  const count = countOnTop(planned.ours, target, table);
  if (!file) {
    const inside: Inside[] = [];
    for (const each of planned.inside.filter((one) => oursAt(one.ours, one.target, table) !== "none")) {
      const view = views.use(await openSource(each, table, exec));
      inside.push({ fd: view.fd, file: view.directory === null, path: relative(target, each.target) });
    }
    const under = views.use(
      await openView({ path: target, readOnly: false, file, without: { target, count } }, exec),
    );
    if (under.directory === null || createIsOurs(planned.ours, table)(under.mount)) throw changed(target);
    return await fillHidden(
      {
        target,
        source: { fd: source.fd, file },
        inside,
        under: under.directory,
        kept: planned.hidden.map((each) => relative(target, each)),
      },
      backups,
      trees,
    );
  }
  if ((table.get(target)?.length ?? 0) > count)
    throw refusal(target, "another file is mounted beneath it; unmount both");
  const place = dirname(target) as AbsPath;
  const under = views.use(await openView({ path: place, readOnly: false, file: false }, exec));
  if (under.directory === null) throw changed(target);
  const filling = { target, source: { fd: source.fd, file }, under: under.directory, name: basename(target) };
  return await fillHiddenFile(filling, backups, trees);
}

/** What is mounted there, as the service sees it, but for mounts inside it. @throws Problem */
async function openSource({ target, ours }: Mounted, table: MountTable, exec: Exec): Promise<View> {
  const seen = realOf(target) === target ? lstatSync(target, { throwIfNoEntry: false }) : undefined;
  if (seen === undefined) throw changed(target);
  const view = await openView({ path: target, readOnly: true, file: seen.isFile() }, exec);
  if (createIsOurs(ours, table)(view.mount) && fstatSync(view.fd).ino === seen.ino) return view;
  view[Symbol.dispose]();
  throw changed(target);
}

function changed(target: AbsPath): Problem {
  return refusal(target, "it changed meanwhile; try again");
}

function refusal(target: AbsPath, why: string, cause?: unknown): Problem {
  return new Problem("host", `Cannot release ${JSON.stringify(target)}: ${why}`, {
    code: "mount-failed",
    cause,
  });
}
