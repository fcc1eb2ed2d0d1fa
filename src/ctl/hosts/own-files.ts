/** The files of the user who runs gitopperctl. */
import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { hasCode } from "../../platform/files/write-whole.ts";
import type { Files } from "../environment.ts";

export const ownFiles: Files = {
  read(path) {
    try {
      return readFileSync(path, "utf8");
    } catch (error) {
      if (hasCode(error, "ENOENT", "ENOTDIR")) return null;
      throw error;
    }
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
