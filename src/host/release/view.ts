/**
 * Opens what is at a path, or beneath the mounts there, in a mount namespace of its own: other processes do not see what is
 * unmounted in it. The kernel follows no symlink in a view, so the service's user cannot lead programs of root astray.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { Writable } from "node:stream";
import type { AbsPath } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";
import { HeldDirectory } from "../../platform/files/held-directory.ts";
import { type MountPoint, parseMountPoints } from "../../platform/files/mountinfo.ts";
import { type Exec, ExecFailure } from "../../platform/process/exec.ts";

/** An opened file or directory, on a mount that nothing else is mounted in; it stays when its namespace has ended. */
export interface View extends Disposable {
  readonly fd: number;
  /** The directory; null: it is a file. */
  readonly directory: HeldDirectory | null;
  readonly mount: MountPoint;
}

export interface Viewed {
  /** A real path. */
  readonly path: AbsPath;
  readonly readOnly: boolean;
  readonly file: boolean;
  /** How many mounts at which path are not in the view. */
  readonly without?: { readonly target: AbsPath; readonly count: number };
}

/** A mount of a directory on itself ends what is mounted inside it; `nosymfollow` is of Linux 5.10. */
const script = `set -eu
target=$1 count=$2 path=$3 options=$4
while [ "$count" -gt 0 ]; do
  umount --no-canonicalize --lazy -- "$target"
  count=$((count - 1))
done
mount --no-canonicalize --bind -- "$path" "$path"
mount --no-canonicalize --options "remount,bind,nosymfollow,nosuid,nodev,$options" -- none "$path"
echo "$$"
read -r over || true`;

const timeoutMs = 30_000;

/** @throws Problem */
export async function openView(viewed: Viewed, exec: Exec): Promise<View> {
  const { path, readOnly, without } = viewed;
  const args = [without?.target ?? path, String(without?.count ?? 0), path, readOnly ? "ro" : "rw"];
  const unshare = ["unshare", "--mount", "--propagation", "private", "--"];
  const found: { view?: View; error?: unknown } = {};
  let stdin: Writable | null = null;
  const onStdout = (chunk: Buffer) => {
    try {
      found.view ??= open(viewed, Number(chunk.toString()));
    } catch (error) {
      found.error = error;
    }
    stdin?.end();
  };
  const begin = (to: Writable) => {
    stdin = to;
  };
  await exec([...unshare, "sh", "-c", script, "view", ...args], {
    timeoutMs,
    tied: true,
    dialog: { begin, onStdout },
  }).catch((error: unknown) => {
    throw blocked(path, error instanceof ExecFailure ? error.keyLine : String(error), error);
  });
  if (found.view === undefined) throw found.error ?? blocked(path, "its namespace has ended");
  return found.view;
}

/** @throws Problem when a path was swapped meanwhile */
function open({ path, file }: Viewed, pid: number): View {
  const [place, name] = file ? [dirname(path), basename(path)] : [path, null];
  const directory = HeldDirectory.below(`/proc/${pid}/root/.`, place.slice(1) || ".");
  if (directory === null) throw blocked(path, "a symlink leads elsewhere, or it is gone");
  const view = name === null ? viewOf(directory.fd, directory, pid) : viewOfFile(directory, name, pid);
  if (view.mount.options.includes("nosymfollow")) return view;
  view[Symbol.dispose]();
  throw blocked(path, "it changed meanwhile; try again");
}

function viewOfFile(parent: HeldDirectory, name: string, pid: number): View {
  using _ = parent;
  const fd = openSync(parent.at(name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  if (fstatSync(fd).isFile()) return viewOf(fd, null, pid);
  closeSync(fd);
  throw blocked(name, "it is not a plain file");
}

function viewOf(fd: number, directory: HeldDirectory | null, pid: number): View {
  const close = () => (directory === null ? closeSync(fd) : directory[Symbol.dispose]());
  const id = /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))?.[1];
  const lines = readFileSync(`/proc/${pid}/mountinfo`, "utf8").split("\n");
  const [mount] = parseMountPoints(lines.find((line) => line.startsWith(`${id} `)) ?? "");
  if (mount !== undefined) return { fd, directory, mount, [Symbol.dispose]: close };
  close();
  throw blocked(`/proc/self/fd/${fd}`, "its mount is unknown");
}

function blocked(path: string, why: string, cause?: unknown): Problem {
  const what = `Cannot look at ${JSON.stringify(path)} beneath its mounts`;
  return new Problem("host", `${what}: ${why}`, { code: "path-blocked", cause });
}
