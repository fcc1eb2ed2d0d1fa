/** A checkout that is mounted as a whole shows nothing but what is in git. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { removeCheckout, setAsideCheckout } from "../../src/git/checkout/checkout.ts";
import { placePointer } from "../../src/git/store/pointer.ts";
import { findWholeCheckout, observeTrackedFile } from "../../src/hdr/tracked-file.ts";
import type { RepoPath } from "../../src/model/path.ts";
import { infoOf, reasonOf } from "../../src/model/state.ts";
import { storesDir } from "../../src/platform/files/state-paths.ts";
import { exec } from "../../src/platform/process/exec.ts";
import { FakeClock } from "../builders/fake-clock.ts";
import { aDaemonSetup, runDaemonAt } from "./a-daemon.ts";
import { anUpstream } from "./a-store.ts";

const now = "2026-11-28T12:00:00Z";
const files = { ".gitignore": "*.log\n", "index.html": "one\n", "css/main.css": "a {}\n" };

async function aSite(name: string) {
  const upstream = anUpstream(name, files);
  const place = aDaemonSetup(upstream.path, new FakeClock(now), [], ".");
  const daemon = runDaemonAt(place);
  const { checkout } = place.services[0];
  const arrives = (commit: string) => {
    daemon.loop.requestPoll("app", "pull");
    return daemon.until(() => daemon.state().name === "OK" && daemon.commit() === commit);
  };
  await arrives(upstream.first);
  await daemon.loop.idle();
  return { upstream, place, daemon, checkout, arrives };
}

const shown = (checkout: string) => readdirSync(checkout).sort();

test("all works without a file of git's in it: pushes, edits, and what git ignores", async () => {
  const { upstream, daemon, checkout, arrives } = await aSite("site");
  await using _ = daemon;
  expect(shown(checkout)).toEqual([".gitignore", "css", "index.html"]);

  writeFileSync(join(checkout, "index.html"), "typed\n");
  writeFileSync(join(checkout, "new.html"), "new\n");
  writeFileSync(join(checkout, "access.log"), "ignored\n");
  daemon.loop.requestPoll("app", "pull");
  await daemon.until(() => infoOf(daemon.state()).includes("index.html"));
  expect(infoOf(daemon.state())).toContain("new.html");
  expect(infoOf(daemon.state())).not.toContain("access.log");

  const file = join(checkout, "css/main.css");
  const header = await observeTrackedFile(exec, file, findWholeCheckout(file));
  expect(header).toEqual({ path: "css/main.css", remote: upstream.path, branch: upstream.first });

  await arrives(upstream.commit({ "index.html": "two\n", "css/main.css": null, "js/a.js": "a\n" }));
  expect(daemon.file("index.html")).toBe("two\n");
  expect(shown(checkout)).toEqual([".gitignore", "access.log", "index.html", "js", "new.html"]);
  expect(daemon.lines.join("")).toContain("saved");
});

test("an ordinary checkout is taken over in place, and is restored before it is removed or renamed", async () => {
  const { upstream, daemon, place, checkout } = await aSite("upgraded");
  const { store, git, stateDir } = place.setup;
  const stores = storesDir(stateDir);
  await daemon[Symbol.asyncDispose]();
  placePointer(checkout, [], stores);
  expect(shown(checkout)).toContain(".git");
  const status = execFileSync("git", ["-C", checkout, "status", "--short"], { encoding: "utf8" });
  expect(status).toBe("");
  const inode = statSync(join(checkout, "index.html")).ino;

  placePointer(checkout, ["." as RepoPath], stores);
  const restarted = runDaemonAt(place);
  restarted.loop.requestPoll("app", "pull");
  await restarted.loop.idle();
  expect(restarted.state().name).toBe("OK");
  expect(restarted.commit()).toBe(upstream.first);
  await restarted[Symbol.asyncDispose]();
  expect(shown(checkout)).not.toContain(".git");
  expect(statSync(join(checkout, "index.html")).ino).toBe(inode);

  const aside = setAsideCheckout(checkout, new Date(now));
  expect(readdirSync(dirname(checkout))).not.toContain(".app.git");
  expect(readFileSync(join(aside, ".git"), "utf8")).toMatch(/^gitdir: /);
  renameSync(aside, checkout);
  placePointer(checkout, ["." as RepoPath], stores);
  expect(await removeCheckout({ store, checkout }, git)).toBe(true);
  expect(readdirSync(dirname(checkout))).toEqual([]);
  expect(existsSync(join(store.path, "worktrees"))).toBe(false);
});

test("a repository that a person puts there is foreign, and one that a person removes comes again", async () => {
  const { upstream, daemon, checkout, arrives } = await aSite("replaced");
  await using _ = daemon;
  execFileSync("rm", ["-rf", checkout]);
  execFileSync("git", ["clone", "-q", upstream.path, checkout]);
  daemon.loop.requestPoll("app", "pull");
  await daemon.until(() => reasonOf(daemon.state()) === "path-blocked");
  expect(statSync(join(checkout, ".git")).isDirectory()).toBe(true);
  execFileSync("rm", ["-rf", checkout]);
  await arrives(upstream.first);
  expect(shown(checkout)).toEqual([".gitignore", "css", "index.html"]);
});
