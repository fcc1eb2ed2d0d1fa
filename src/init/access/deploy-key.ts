/** The key that root's ssh shows to the upstream; it is made once and never replaced. */
import { existsSync, linkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { StartFailure } from "../../daemon/setup.ts";
import { writeFileAtomic } from "../../platform/files/write-whole.ts";
import { type Exec, ExecFailure } from "../../platform/process/exec.ts";
import { makeSshDirectory } from "./host-key.ts";

export interface DeployKey {
  readonly path: string;
  /** For the forge. */
  readonly publicLine: string;
  readonly isNew: boolean;
}

const timeoutMs = 30_000;

/** At the path of one of ssh's own identities (ssh(1), -i). @throws StartFailure */
export async function ensureDeployKey(home: string, host: string, exec: Exec): Promise<DeployKey> {
  const path = join(home, ".ssh", "id_ed25519");
  const isNew = !existsSync(path);
  const comment = `gitopper@${host}`;
  if (isNew) await makeKey(path, comment, exec);
  const publicLine = `${await publicKeyOf(path, exec)} ${comment}`;
  if (!existsSync(`${path}.pub`)) writeFileAtomic(`${path}.pub`, `${publicLine}\n`);
  return { path, publicLine, isNew };
}

/** At its place it is whole from the first moment, and never in the place of another. */
async function makeKey(path: string, comment: string, exec: Exec): Promise<void> {
  makeSshDirectory(path);
  const beside = `${path}.gitopper-new`;
  const remove = () => {
    for (const each of [beside, `${beside}.pub`]) rmSync(each, { force: true });
  };
  // What an interrupted run left.
  remove();
  try {
    await exec(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", beside], { timeoutMs });
    linkSync(beside, path);
  } catch (error) {
    if (!(error instanceof ExecFailure)) throw error;
    throw new StartFailure([`Cannot make the key ${path}: ${error.keyLine}`], { cause: error });
  } finally {
    remove();
  }
}

/** Type and base64, derived from the private key. @throws StartFailure when it has a passphrase, or is damaged */
async function publicKeyOf(path: string, exec: Exec): Promise<string> {
  try {
    const { stdout } = await exec(["ssh-keygen", "-y", "-P", "", "-f", path], { timeoutMs });
    return stdout.trim().split(" ").slice(0, 2).join(" ");
  } catch (error) {
    if (!(error instanceof ExecFailure)) throw error;
    const remedy = "gitopper needs a key without a passphrase: name one as IdentityFile in ~/.ssh/config";
    throw new StartFailure([`Cannot use the key ${path}: ${error.keyLine}; ${remedy}`], { cause: error });
  }
}
