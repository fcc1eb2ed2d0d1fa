import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { prepareGit, prepareStateDir } from "../../src/daemon/boot.ts";
import { addCheckout } from "../../src/git/checkout/checkout.ts";
import { askUpstream } from "../../src/git/fetch/poll-upstream.ts";
import { createGit } from "../../src/git/git.ts";
import { storeOf } from "../../src/git/store/store.ts";
import type { AbsPath } from "../../src/model/path.ts";
import { gitConfigPath, templateDir } from "../../src/platform/files/state-paths.ts";
import { type Exec, exec } from "../../src/platform/process/exec.ts";

const scratch = mkdtempSync(join(tmpdir(), "gitopper-many-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const { username, uid, gid, homedir } = userInfo();
const account = { name: username, uid, gid, home: homedir };
const checkouts = 10;

test("two checkouts are never added at once: git worktree add dies of a half-made one beside its own", async () => {
  let running = 0;
  let most = 0;
  const watched: Exec = async (argv, options) => {
    if (!argv.includes("worktree")) return exec(argv, options);
    running += 1;
    most = Math.max(most, running);
    return exec(argv, options).finally(() => {
      running -= 1;
    });
  };
  const { git, store, tips } = await aStore(watched);
  const commit = tips.get("main");
  if (commit === undefined) throw new Error("There is no main");
  const paths = Array.from({ length: checkouts }, (_, index) => join(scratch, `app${index}`) as AbsPath);
  await Promise.all(paths.map((path) => addCheckout({ store, checkout: path }, commit, git)));
  expect(most).toBe(1);
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
