/** Makes the metadata of a linked worktree, as gitrepository-layout(5) has it. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { Commit } from "../../model/commit.ts";
import { Problem } from "../../model/problem.ts";
import { readSmallFile } from "../../platform/files/small-file.ts";
import { futureRealOf } from "../../platform/files/trust.ts";
import type { CheckoutPlace } from "../types.ts";

/** In place of what an earlier try has left. Other gits find all of it or nothing: they die of a worktree that is half made. */
const script = `set -eu
at=$1/worktrees/$2 new=$1/new-worktree-$2 checkout=$3 commit=$4 pointer=$5
shift 5
for old in "$new" "$at"; do [ ! -e "$old" ] || rm -rf -- "$old"; done
mkdir -p -- "$new" "\${at%/*}"
echo ../.. >"$new/commondir"
printf '%s/.git\\n' "$checkout" >"$new/gitdir"
echo "$commit" >"$new/HEAD"
mv -T -- "$new" "$at"
[ -z "$pointer" ] || printf 'gitdir: %s\\n' "$at" >"$pointer"
exec "$@"
`;

interface Metadata {
  /** In the store; see `freeNameOf`. */
  readonly name: string;
  readonly head: Commit;
  /** True: the checkout gets the file that names its git directory, too. */
  readonly isNew: boolean;
}

/**
 * What writes it and then becomes a git, see `GitOptions`. Costs a fraction of `git worktree add`, which reads the metadata
 * of all worktrees of the store. Pure but for symlinks that it resolves.
 */
export function metadataArgv(
  { store, checkout }: CheckoutPlace,
  { name, head, isNew }: Metadata,
): readonly string[] {
  const pointer = isNew ? join(checkout, ".git") : "";
  return ["sh", "-c", script, "sh", futureRealOf(store.path), name, futureRealOf(checkout), head, pointer];
}

const namesMax = 100;

/** The first name that no other checkout has in the store. @throws Problem */
export function freeNameOf({ store, checkout }: CheckoutPlace): string {
  const ours = `${futureRealOf(checkout)}/.git`;
  // It is a part of the names of refs, and no other checkout's is made of the same characters.
  const base = basename(checkout).replaceAll(/[^A-Za-z0-9_-]/g, encode);
  for (let count = 0; count < namesMax; count += 1) {
    const name = count === 0 ? base : `${base}+${count}`;
    const at = join(store.path, "worktrees", name);
    if (!existsSync(at) || readSmallFile(join(at, "gitdir"))?.trimEnd() === ours) return name;
  }
  const what = `Cannot make the checkout ${JSON.stringify(checkout)}`;
  throw new Problem("git", `${what}: its store has ${namesMax} worktrees of this name; remove some`, {
    code: "store-damaged",
  });
}

function encode(character: string): string {
  return `%${character.charCodeAt(0).toString(16)}`;
}
