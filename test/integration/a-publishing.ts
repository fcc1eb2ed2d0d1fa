/** Publishes commits to a checkout as the daemon does. */
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { publishStage } from "../../src/git/checkout/publish.ts";
import { refreshIndex } from "../../src/git/checkout/refresh-index.ts";
import { type Candidate, type JudgeSymlink, stageCommit } from "../../src/git/checkout/stage.ts";
import { removeStage } from "../../src/git/checkout/stage-directory.ts";
import { askUpstream } from "../../src/git/fetch/poll-upstream.ts";
import type { Commit } from "../../src/model/commit.ts";
import { exec } from "../../src/platform/process/exec.ts";
import { aCheckout, anUpstream, aStore, asked, bringAll } from "./a-store.ts";

const anySymlink: JudgeSymlink = () => null;
const never = async () => {};

/** A file's text and mode, or a symlink's target; the paths of a directory. */
export type Tree = Readonly<Record<string, { readonly text: string; readonly mode: "644" | "755" | "link" }>>;

/** A checkout of `links`, and an upstream that it follows. */
export async function aPublishing(name: string, files: Record<string, string>, links = ["app"]) {
  const upstream = anUpstream(name, files);
  const setup = aStore(upstream.path);
  await askUpstream(setup.store, ["main"], setup.tools, asked);
  const { checkout, look } = await aCheckout(setup, upstream.first, links);
  const place = { store: setup.store, checkout };
  const { account } = setup.store;

  const stage = async (commit: Commit, how: Partial<Candidate> = {}, judgeSymlink = anySymlink) => {
    await askUpstream(setup.store, ["main"], setup.tools, asked);
    const { stdout } = await setup.git(place, ["rev-parse", "HEAD"]);
    const base = stdout.trim() as Commit;
    const candidate = { commit, whole: false, ours: [], base, ...how };
    return stageCommit(place, candidate, {
      git: setup.git,
      exec,
      judgeSymlink,
      bring: (base) => bringAll(setup, { base, to: commit }, links),
    });
  };
  /** `yieldToEventLoop` is called before each file, and may throw to end the publishing there. */
  const bring = async (commit: Commit, how: Partial<Candidate> = {}, yieldToEventLoop = never) => {
    const staged = await stage(commit, how);
    using changed = await publishStage({ checkout, account }, staged, { exec, yieldToEventLoop });
    await changed.flush(exec);
    await refreshIndex(place, staged, setup.git);
    await removeStage(staged, account, exec);
  };
  /** Commits exactly this tree. */
  const commitTree = (tree: Tree): Commit => {
    for (const name of readdirSync(upstream.path))
      if (name !== ".git") rmSync(join(upstream.path, name), { recursive: true });
    writeTree(upstream.path, tree);
    upstream.git("add", "-A");
    upstream.git("commit", "-q", "--allow-empty", "-m", "tree");
    return upstream.git("rev-parse", "HEAD") as Commit;
  };
  return {
    upstream,
    setup,
    checkout,
    look,
    stage,
    bring,
    commitTree,
    at: (path: string) => join(checkout, path),
  };
}

function writeTree(top: string, tree: Tree): void {
  for (const [path, { text, mode }] of Object.entries(tree)) {
    mkdirSync(dirname(join(top, path)), { recursive: true });
    if (mode === "link") symlinkSync(text, join(top, path));
    else writeFileSync(join(top, path), text, { mode: mode === "755" ? 0o755 : 0o644 });
  }
}

/** The files below `top`, without those of git. */
export function readTree(top: string): Tree {
  const tree: Record<string, Tree[string]> = {};
  for (const entry of readdirSync(top, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory() || path === join(top, ".git")) continue;
    tree[relative(top, path)] = entry.isSymbolicLink()
      ? { text: readlinkSync(path), mode: "link" }
      : { text: readFileSync(path, "utf8"), mode: (lstatSync(path).mode & 0o111) === 0 ? "644" : "755" };
  }
  return tree;
}
