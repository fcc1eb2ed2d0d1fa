/** The refs of a store that record the tips of upstream's branches at the last fetch. */
import { type Commit, parseCommit } from "../../model/commit.ts";
import type { Git } from "../git.ts";
import type { Store, Tips } from "../types.ts";

const namespace = "refs/remotes/origin/";

/** Has no slashes, so that `canary` and `canary/web`, which upstream may have one after the other, never conflict. */
export function tipRef(branch: string): string {
  return namespace + branch.replaceAll("%", "%25").replaceAll("/", "%2F");
}

/** Only the store's user can have made more; the next poll removes the rest. */
export const refsMax = 10_000;

async function listRefs(
  store: Store,
  patterns: readonly string[],
  git: Git,
): Promise<{ id: string; type: string; ref: string }[]> {
  const format = "--format=%(objectname) %(objecttype) %(refname)";
  const args = ["for-each-ref", format, `--count=${refsMax}`, "--", ...patterns];
  const { stdout } = await git(store, args);
  return stdout.split("\n").flatMap((line) => {
    const [id = "", type = "", ref = ""] = line.split(" ");
    return ref === "" ? [] : [{ id, type, ref }];
  });
}

/** The tips as the last fetch left them; `onOther` gets a branch that points at no commit, and the type of its object. */
export async function readTips(
  store: Store,
  branches: readonly string[],
  git: Git,
  onOther: (branch: string, type: string) => void = () => {},
): Promise<Tips> {
  const tips = new Map<string, Commit>();
  if (branches.length === 0) return tips;
  const wanted = new Map(branches.map((branch) => [tipRef(branch), branch]));
  for (const { id, type, ref } of await listRefs(store, [...wanted.keys()], git)) {
    const commit = parseCommit(id);
    const branch = wanted.get(ref);
    if (branch === undefined || commit === null) continue;
    if (type === "commit") tips.set(branch, commit);
    else onOther(branch, type);
  }
  return tips;
}

/** Git's message for a ref below another one, as in older stores, whose names had slashes. */
export const refInTheWay = /cannot lock ref '[^']*': '[^']*' exists; cannot create/;

/** Removes the refs of other branches, at most `refsMax` of them. @throws ExecFailure */
export async function pruneTips(store: Store, branches: readonly string[], git: Git): Promise<void> {
  const kept = new Set(branches.map(tipRef));
  const stale = (await listRefs(store, [namespace], git)).filter(({ ref }) => !kept.has(ref));
  const input = stale.map(({ ref }) => `delete ${ref}\n`).join("");
  if (input !== "") await git(store, ["update-ref", "--stdin"], { input });
}
