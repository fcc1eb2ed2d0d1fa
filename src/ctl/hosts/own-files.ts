/** The files of the one who runs gitopperctl. */
import { accessSync, constants, mkdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { hasCode, writeFileAtomic } from "../../platform/files/write-whole.ts";
import type { Files } from "../environment.ts";

const ownerOnly = 0o600;
const ownDirectory = 0o700;

export const ownFiles: Files = {
  read(path) {
    try {
      return readFileSync(path, "utf8");
    } catch (error) {
      if (hasCode(error, "ENOENT", "ENOTDIR")) return null;
      throw error;
    }
  },
  write(path, text) {
    mkdirSync(dirname(path), { recursive: true, mode: ownDirectory });
    writeFileAtomic(behindLinks(path), text, ownerOnly);
  },
  isUsableSocket(path) {
    try {
      accessSync(path, constants.W_OK);
      return statSync(path).isSocket();
    } catch {
      return false;
    }
  },
};

/** A config that is a link into somebody's dotfiles stays one. */
function behindLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return path;
    throw error;
  }
}
