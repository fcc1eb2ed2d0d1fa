/**
 * A git directory inside a store, with its objects and refs, but without an upstream: git there reports a missing object.
 * In the store itself, a partial clone, it would try to fetch it.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Exec } from "../../platform/process/exec.ts";
import { readerPath } from "../git.ts";
import { writeAs } from "../store/store-config.ts";
import type { GitPlace, ObjectFormat, Store } from "../types.ts";

/** Where commits, trees and ids of files are read. */
export function readingIn({ path, account }: Store): GitPlace {
  return { path, account, reading: true };
}

const links = ["objects", "refs", "packed-refs", "shallow", "info"];
const makeLinks =
  'umask 077; mkdir -p "$1" && cd "$1" && shift && for name; do ln -sfn "../$name" "$name"; done';

export function hasReader({ path }: Pick<Store, "path">): boolean {
  return existsSync(join(readerPath(path), "HEAD"));
}

/** Writes HEAD last, so that a crash leaves nothing half-made. @throws ExecFailure */
export async function makeReader(store: Store, format: ObjectFormat, exec: Exec): Promise<void> {
  const argv = ["sh", "-c", makeLinks, "sh", readerPath(store.path), ...links];
  await exec(argv, { account: store.account, timeoutMs: 10_000, tied: true });
  await writeAs(store, exec, "reader/config", renderReaderConfig(format));
  await writeAs(store, exec, "reader/HEAD", "ref: refs/heads/none\n");
}

function renderReaderConfig(format: ObjectFormat): string {
  return `[core]
\trepositoryformatversion = 1
\tbare = true
[extensions]
\tobjectFormat = ${format}
`;
}
