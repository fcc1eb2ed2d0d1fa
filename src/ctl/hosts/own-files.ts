/** The files of the user who runs gitopperctl. */
import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { resultOr } from "../../platform/files/write-whole.ts";
import type { Environment } from "../environment.ts";

export const ownFiles: Environment["files"] = {
  read(path) {
    return resultOr(null, ["ENOENT", "ENOTDIR"], () => readFileSync(path, "utf8"));
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
