/**
 * Makes and removes bind mounts, and their mount points. Root works on opened files, because a service's user could
 * swap any path meanwhile.
 */
import { closeSync, existsSync, fstatSync, lchownSync, mkdirSync, openSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Account } from "../../model/account.ts";
import type { AbsPath } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";
import { type OpenedPath, openTrusted, realOf, untrustedPart } from "../../platform/files/trust.ts";
import { hasCode } from "../../platform/files/write-whole.ts";
import { type Exec, ExecFailure } from "../../platform/process/exec.ts";
import { CallFailure } from "./mount-calls.ts";
import type { Mounter } from "./mount-programs.ts";
import {
  type Bind,
  type MountTable,
  mayLeadTo,
  misled,
  type Ours,
  oursAt,
  readMountTable,
} from "./mounts.ts";

const commandTimeoutMs = 30_000;

export interface MountHands {
  readonly exec: Exec;
  readonly mounter: Mounter;
}

/**
 * Makes the target if it is missing, and mounts over what is there, or in place of our own mount.
 * @throws Problem
 */
export async function mountBind(
  bind: Bind & { readonly replaces: boolean },
  account: Account,
  { exec, mounter }: MountHands,
): Promise<void> {
  const { source, target } = bind;
  const what = `Cannot mount ${JSON.stringify(target)}`;
  const fault = (why: string) =>
    new Problem("host", `${what}: ${JSON.stringify(source)} ${why}`, { code: "mount-failed" });
  if (!existsSync(source)) throw fault("does not exist");
  await makeTarget(bind, account, exec);
  using from = openTrusted(source, (real) => real === plainSource(bind));
  if (from === null || fstatSync(from.fd).isDirectory() === bind.file)
    throw fault(`is not a plain ${bind.file ? "file" : "directory"} of the checkout`);
  try {
    await mounter.mount(from.fd, () => openTarget(target), bind);
  } catch (error) {
    throw mountProblem(what, error);
  }
}

/** The real path of the source, if no symlink of the repository or of its user leads out of the checkout. */
export function plainSource({ checkout, source }: Bind): AbsPath {
  return join(realOf(checkout) ?? checkout, relative(checkout, source)) as AbsPath;
}

const oursMax = 16;

/** Unmounts our mounts at the target, as far as nothing is mounted over them. @throws Problem */
export async function unmountOurs(
  ours: Ours,
  target: AbsPath,
  mounter: Mounter,
  table: () => MountTable = readMountTable,
): Promise<void> {
  for (let tries = 0; tries < oursMax; tries++) {
    if (oursAt(ours, target, table()) !== "on top") return;
    await unmount(target, mounter);
  }
}

/** @throws Problem */
function openTarget(target: AbsPath): OpenedPath {
  const place = openTrusted(target, (real) => mayLeadTo(target, real));
  if (place === null) throw misled(target);
  return place;
}

/** Makes the missing parts of the target's path, owned by the service's user. @throws Problem */
export async function makeTarget({ target, file }: Bind, account: Account, exec: Exec): Promise<void> {
  if (existsSync(target)) return;
  const directory = file ? dirname(target) : target;
  if (untrustedPart(target) !== null) return makeTargetAs({ directory, target, file }, account, exec);
  const first = mkdirSync(directory, { recursive: true });
  if (file) closeSync(openSync(target, "wx", 0o644));
  if (file) lchownSync(target, account.uid, account.gid);
  // From the innermost out: while the outer ones are root's, no other user can swap the inner ones.
  if (first === undefined) return;
  for (let path = directory; path.length >= first.length; path = dirname(path))
    lchownSync(path, account.uid, account.gid);
}

/** The outermost path that has to be made for a mount point; null: it exists. */
export function missingTop(target: AbsPath): AbsPath | null {
  if (existsSync(target)) return null;
  let top = target;
  for (let path = dirname(top); !existsSync(path); path = dirname(path)) top = path as AbsPath;
  return top;
}

/** In another user's directory root makes nothing; the service's user makes it, if permissions allow. */
async function makeTargetAs(
  { directory, target, file }: { directory: string; target: string; file: boolean },
  account: Account,
  exec: Exec,
): Promise<void> {
  const options = { account, timeoutMs: commandTimeoutMs };
  try {
    await exec(["mkdir", "-p", "--", directory], options);
    if (file) await exec(["touch", "--", target], options);
  } catch (error) {
    throw mountProblem(`Cannot make ${JSON.stringify(target)} as ${account.name}`, error);
  }
}

/** Removes empty directories and files from the mount point up to `top`. @throws ExecFailure */
export async function removeMade(
  { target, top }: { readonly target: AbsPath; readonly top: AbsPath },
  account: Account,
  exec: Exec,
): Promise<void> {
  for (let path: string = target; path.length >= top.length; path = dirname(path)) {
    if (!existsSync(path)) continue;
    // In another user's directory root removes nothing.
    const as = untrustedPart(path) === null ? {} : { account };
    const options = { ...as, timeoutMs: commandTimeoutMs, okStatus: [0, 1] };
    await exec(["find", path, "-maxdepth", "0", "-empty", "-delete"], options);
  }
}

/** Unmounts the topmost mount; does nothing when the path is missing. @throws Problem */
export async function unmount(target: AbsPath, mounter: Mounter): Promise<void> {
  try {
    await mounter.unmount(() => openTarget(target));
  } catch (error) {
    // A later mount over its parent hides it; the path is missing then.
    if (hasCode(error, "ENOENT")) return;
    throw mountProblem(`Cannot unmount ${JSON.stringify(target)}`, error);
  }
}

function mountProblem(what: string, error: unknown): unknown {
  const options = { cause: error, code: "mount-failed" } as const;
  if (error instanceof CallFailure) return new Problem("host", `${what}: ${error.message}`, options);
  if (!(error instanceof ExecFailure)) return error;
  const why = error.keyLine.replace(/^(u?mount: )?(\/proc\/self\/fd\/\d+: )?/, "");
  return new Problem("host", `${what}: ${why}`, options);
}
