/** Reads a host's disk and mount table from outside, without a process in the host. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { TestHost } from "./host.ts";

export interface FileSeen {
  readonly text: string;
  readonly uid: number;
}

/** The files below a path of the host, by their path relative to it; a file's own path is empty. */
export function readFiles(host: TestHost, path: string): ReadonlyMap<string, FileSeen> {
  const files = new Map<string, FileSeen>();
  for (const { at, name, uid } of filesBelow(join(host.root, path), "")) {
    const text = ifThere(() => readFileSync(at, "utf8"));
    if (text !== undefined) files.set(name, { text, uid });
  }
  return files;
}

/** Paths of the files below a path of the host, relative to it. */
export function listFiles(host: TestHost, path: string): string[] {
  return [...filesBelow(join(host.root, path), "")].map(({ name }) => name);
}

interface FileFound {
  readonly at: string;
  readonly name: string;
  readonly uid: number;
}

function* filesBelow(at: string, name: string): Generator<FileFound> {
  const info = ifThere(() => statSync(at));
  if (info === undefined) return;
  if (!info.isDirectory()) yield { at, name, uid: info.uid };
  else
    for (const entry of ifThere(() => readdirSync(at)) ?? [])
      yield* filesBelow(join(at, entry), join(name, entry));
}

/** The value, or undefined: a file may vanish while it is read. */
function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    const gone = error instanceof Error && "code" in error && ["ENOENT", "ENOTDIR"].includes(`${error.code}`);
    if (gone) return undefined;
    throw error;
  }
}

/** The roots of what is mounted at a path, oldest first: proc(5), mountinfo. A deleted file's ends with `//deleted`. */
export function mountsAt(host: TestHost, path: string): string[] {
  const text = readFileSync(`/proc/${host.leaderPid}/mountinfo`, "utf8");
  return text.split("\n").flatMap((line) => {
    const [, , , root = "", point] = line.split(" ");
    return point === path ? [root] : [];
  });
}
