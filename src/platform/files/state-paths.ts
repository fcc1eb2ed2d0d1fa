/** The paths below the state directory. */
import { join } from "node:path";
import type { AbsPath } from "../../model/path.ts";
import { brokenFiles } from "./set-aside.ts";

export const storesDir = (stateDir: AbsPath) => join(stateDir, "stores") as AbsPath;
export const patchesDir = (stateDir: AbsPath, service: string) =>
  join(stateDir, "patches", service) as AbsPath;
export const journalPath = (stateDir: AbsPath) => join(stateDir, "state.db") as AbsPath;
export const gitConfigPath = (stateDir: AbsPath) => join(stateDir, "gitconfig") as AbsPath;
export const hostKeyPath = (stateDir: AbsPath) => join(stateDir, "ssh_host_ed25519_key") as AbsPath;
export const tlsDir = (stateDir: AbsPath) => join(stateDir, "tls") as AbsPath;
export const templateDir = (stateDir: AbsPath) => join(stateDir, "template") as AbsPath;
export const signersDir = (stateDir: AbsPath) => join(stateDir, "signers") as AbsPath;

/** Damaged files that were set aside, until an admin removes them. */
export function setAsideIn(stateDir: AbsPath): readonly string[] {
  return [stateDir, tlsDir(stateDir)].flatMap((place) => brokenFiles(place).map((name) => join(place, name)));
}
