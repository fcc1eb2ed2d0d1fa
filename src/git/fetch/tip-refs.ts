/** The refs of a store that hold what its upstream's branches were at the last fetch. */
import { type Commit, parseCommit } from "../../model/commit.ts";
import type { Git } from "../git.ts";
import type { Store, Tips } from "../types.ts";

const namespace = "refs/remotes/origin/";

/** Without slashes: `canary` and `canary/web`, of which upstream has had one after the other, never exclude each other. */
export function tipRef(branch: string): string {
  return namespace + branch.replaceAll("%", "%25").replaceAll("/", "%2F");
}

/** More of them only the store's user can have made; what is left of them is found the next time. */
export const refsMax = 10_000;

async function listRefs(
  { path, account }: Store,
  patterns: readonly string[],
  git: Git,
): Promise<{ id: string; type: string; ref: string }[]> {
  const format = "--format=%(objectname) %(objecttype) %(refname)";
  const args = ["for-each-ref", format, `--count=${refsMax}`, "--", ...patterns];
  const { stdout } = await git({ store: path }, args, { account });
  return stdout.split("\n").flatMap((line) => {
    const [id = "", type = "", ref = ""] = line.split(" ");
    return ref === "" ? [] : [{ id, type, ref }];
  });
}

/** The tips as the last fetch left them; `onOther` hears of a branch that is at no commit, and of what it is at. */
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

/** Git's words for a ref below another one, as older stores may have them: their names had slashes. */
export const refInTheWay = /cannot lock ref '[^']*': '[^']*' exists; cannot create/;

/** Removes refs other than those of the branches, up to `refsMax` of them. @throws ExecFailure */
export async function pruneTips(store: Store, branches: readonly string[], git: Git): Promise<void> {
  const kept = new Set(branches.map(tipRef));
  const stale = (await listRefs(store, [namespace], git)).filter(({ ref }) => !kept.has(ref));
  const input = stale.map(({ ref }) => `delete ${ref}\n`).join("");
  if (input !== "")
    await git({ store: store.path }, ["update-ref", "--stdin"], { account: store.account, input });
}
