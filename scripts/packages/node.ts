/** The node of an architecture, from its npm package, which has to be the one of package-lock.json. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Build, runTool } from "./build.ts";
import { lockedNode } from "./lock.ts";
import type { Arch } from "./options.ts";

export interface FetchedNode {
  readonly program: string;
  readonly license: string;
}

/** @throws Error when the registry has another package of that version than package-lock.json */
export async function fetchNode({ work }: Build, arch: Arch): Promise<FetchedNode> {
  const { name, version, integrity } = lockedNode(arch);
  const dir = join(work, `node-${arch}`);
  mkdirSync(dir);
  const pack = ["npm", "pack", "--silent", "--prefer-offline", "--pack-destination", dir];
  const file = join(dir, (await runTool([...pack, `${name}@${version}`])).trim());
  const hash = `sha512-${createHash("sha512").update(readFileSync(file)).digest("base64")}`;
  if (hash !== integrity)
    throw new Error(
      `${name} ${version} is not the one of package-lock.json: ${hash} instead of ${integrity}`,
    );
  await runTool(["tar", "--extract", "--gzip", `--file=${file}`, `--directory=${dir}`, ...members]);
  return { program: join(dir, members[0]), license: readFileSync(join(dir, members[1]), "utf8") };
}

const members = ["package/bin/node", "package/LICENSE"] as const;
