import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { prepareGit, prepareStateDir } from "../../src/daemon/boot.ts";
import { addCheckout } from "../../src/git/checkout/checkout.ts";
import { askUpstream } from "../../src/git/fetch/poll-upstream.ts";
import { createGit } from "../../src/git/git.ts";
import { storeOf } from "../../src/git/store/store.ts";
import type { Tips } from "../../src/git/types.ts";
import type { AbsPath, RepoPath } from "../../src/model/path.ts";
import { gitConfigPath, templateDir } from "../../src/platform/files/state-paths.ts";
import { type Exec, exec } from "../../src/platform/process/exec.ts";

const scratch = mkdtempSync(join(tmpdir(), "gitopper-many-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const { username, uid, gid, homedir } = userInfo();
const account = { name: username, uid, gid, home: homedir };
const checkouts = 10;
const links = ["app" as RepoPath];

const commitOf = (tips: Tips) => {
  const commit = tips.get("main");
  if (commit === undefined) throw new Error("There is no main");
  return commit;
};

test("checkouts are made at the same time, and git meets none that is half made", async () => {
  const { git, store, tips } = await aStore(exec);
  const paths = Array.from({ length: checkouts }, (_, index) => join(scratch, `app${index}`) as AbsPath);
  const list = async () => (await git(store, ["worktree", "list", "--porcelain"])).stdout;
  const lists: string[] = [];
  const adding = paths.map((checkout) =>
    addCheckout({ store, checkout }, { commit: commitOf(tips), links }, git),
  );
  let isAdding = true;
  const all = Promise.all(adding).finally(() => {
    isAdding = false;
  });
  while (isAdding) lists.push(await list());
  await all;
  for (const checkout of paths) {
    expect(await list()).toContain(`worktree ${checkout}\nHEAD ${commitOf(tips)}\ndetached\n`);
    const { stdout } = await git({ store, checkout }, ["rev-parse", "HEAD"]);
    expect(stdout.trim()).toBe(commitOf(tips));
  }
  expect(lists.join("")).not.toContain("0".repeat(40));
});

test("a checkout that was removed is made again, and one of the same name elsewhere has a name of its own", async () => {
  const { git, store, tips } = await aStore(exec);
  const [one, other] = ["one", "other"].map((mount) => join(scratch, mount, "a b@1.x") as AbsPath);
  if (one === undefined || other === undefined) throw new Error("There are no paths");
  for (const checkout of [one, other, one]) {
    await addCheckout({ store, checkout }, { commit: commitOf(tips), links }, git);
    const { stdout } = await git({ store, checkout }, ["rev-parse", "--absolute-git-dir"]);
    const name = checkout === one ? "a%20b%401%2ex" : "a%20b%401%2ex+1";
    expect(stdout).toBe(`${realpathSync(store.path)}/worktrees/${name}\n`);
    await git(store, ["fsck", "--no-dangling"]);
    if (checkout === one) rmSync(one, { recursive: true });
  }
  expect(readdirSync(store.path).filter((name) => name.startsWith("new-"))).toEqual([]);
});

test("git gets a committer name, because otherwise it queries DNS for the host's name at each checkout", async () => {
  const { git, store } = await aStore(exec);
  const { stdout } = await git(store, ["var", "GIT_COMMITTER_IDENT"]);
  expect(stdout).toMatch(/^gitopper <gitopper@localhost> /);
});

async function aStore(exec: Exec) {
  const upstream = mkdtempSync(join(scratch, "upstream-"));
  const identity = ["-c", "user.name=t", "-c", "user.email=t@t"];
  execFileSync("git", ["init", "-q", "-b", "main", upstream]);
  execFileSync("git", ["-C", upstream, ...identity, "commit", "-q", "--allow-empty", "-m", "first"]);
  const stateDir = mkdtempSync(join(scratch, "state-")) as AbsPath;
  prepareStateDir(stateDir);
  prepareGit(stateDir, [upstream]);
  const git = createGit({ exec, globalConfig: gitConfigPath(stateDir), onRun: () => {} });
  const store = storeOf(stateDir, upstream, account);
  const tools = { git, exec, template: templateDir(stateDir) };
  const tips = await askUpstream(store, ["main"], tools, {
    signal: new AbortController().signal,
    known: null,
  });
  return { git, store, tips };
}
