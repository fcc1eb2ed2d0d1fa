/** Mount points that were made for a service, and are removed when its mounts have ended. */
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { Account } from "../../model/account.ts";
import type { AbsPath } from "../../model/path.ts";
import { untrustedPart } from "../../platform/files/trust.ts";
import type { Exec } from "../../platform/process/exec.ts";

/** The outermost path that has to be made for a mount point; null: it exists. */
export function missingTop(target: AbsPath): AbsPath | null {
  if (existsSync(target)) return null;
  let top = target;
  for (let path = dirname(top); !existsSync(path); path = dirname(path)) top = path as AbsPath;
  return top;
}

const timeoutMs = 30_000;

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
    await exec(["find", path, "-maxdepth", "0", "-empty", "-delete"], {
      ...as,
      timeoutMs,
      okStatus: [0, 1],
    });
  }
}
