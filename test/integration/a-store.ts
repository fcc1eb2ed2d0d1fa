/** Real upstreams, stores and checkouts in a temporary directory, made as the daemon makes them. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { prepareGit, prepareStateDir } from "../../src/daemon/boot.ts";
import { addCheckout, observeCheckout, updateCheckout } from "../../src/git/checkout/checkout.ts";
import { fetchBlobs } from "../../src/git/fetch/fetch-objects.ts";
import { createGit } from "../../src/git/git.ts";
import { filesNeeded, missingOf } from "../../src/git/history/files-needed.ts";
import { ObjectReader } from "../../src/git/history/object-reader.ts";
import { storeOf } from "../../src/git/store/store.ts";
import type { Commit } from "../../src/model/commit.ts";
import type { AbsPath, RepoPath } from "../../src/model/path.ts";
import { gitConfigPath, storesDir, templateDir } from "../../src/platform/files/state-paths.ts";
import { type Exec, exec } from "../../src/platform/process/exec.ts";

export const scratch = mkdtempSync(join(tmpdir(), "gitopper-store-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const { username, uid, gid, homedir } = userInfo();
const account = { name: username, uid, gid, home: homedir };
export const asked = { signal: new AbortController().signal, known: null };

/** An upstream on disk with a work tree for commits. */
export function anUpstream(name: string, files: Record<string, string>, format = "sha1") {
  const path = join(scratch, name);
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", path, "-c", "user.name=t", "-c", "user.email=t@t", ...args], {
      encoding: "utf8",
    }).trim();
  execFileSync("git", ["init", "-q", "-b", "main", `--object-format=${format}`, path]);
  const commit = (changes: Record<string, string | null>): Commit => {
    for (const [file, text] of Object.entries(changes)) if (text === null) rmSync(join(path, file));
    for (const [file, text] of Object.entries(changes)) {
      if (text === null) continue;
      removeEmpty(join(path, file));
      mkdirSync(join(path, file, ".."), { recursive: true });
      writeFileSync(join(path, file), text);
    }
    git("add", "-A");
    git("commit", "-qm", "change");
    return git("rev-parse", "HEAD") as Commit;
  };
  return { path, first: commit(files), commit, git };
}

/** Removes an empty directory that is in the way of a file. */
function removeEmpty(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) rmdirSync(path);
}

export function aStore(upstream: string, run: Exec = exec, onRun: (ok: boolean) => void = () => {}) {
  const stateDir = mkdtempSync(join(scratch, "state-")) as AbsPath;
  prepareStateDir(stateDir);
  prepareGit(stateDir, [upstream]);
  const git = createGit({ exec: run, globalConfig: gitConfigPath(stateDir), onRun });
  const tools = { git, exec, template: templateDir(stateDir) };
  return { stateDir, git, tools, store: storeOf(stateDir, upstream, account) };
}

/** Fetches what a checkout of `links` needs, as the daemon does. */
export async function bringAll(
  { store, git }: Pick<ReturnType<typeof aStore>, "store" | "git">,
  range: { base: Commit | null; to: Commit },
  links: string[],
): Promise<void> {
  const reader = new ObjectReader(store, git);
  const needed = filesNeeded(reader, { ...range, paths: links as RepoPath[] });
  await fetchBlobs(store, await missingOf(reader, needed), git);
}

/** A checkout of `links` at `commit`, made as the daemon makes it. */
export async function aCheckout(setup: ReturnType<typeof aStore>, commit: Commit, links: string[]) {
  const checkout = join(mkdtempSync(join(scratch, "mount-")), "app") as AbsPath;
  const where = { store: setup.store, checkout };
  await addCheckout(where, { commit, links: links as RepoPath[] }, setup.git);
  await bringAll(setup, { base: null, to: commit }, links);
  await updateCheckout(where, commit, setup.git);
  const look = () => observeCheckout(where, setup.git, { storesDir: storesDir(setup.stateDir) });
  return { checkout, look };
}
