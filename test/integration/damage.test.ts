import { execFileSync } from "node:child_process";
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { gitDirOf } from "../../src/git/store/pointer.ts";
import { FakeClock } from "../builders/fake-clock.ts";
import { aDaemonSetup, runDaemonAt } from "./a-daemon.ts";
import { anUpstream } from "./a-store.ts";

const now = "2026-11-24T12:00:00Z";
const emptyAll = (glob: string) => `chmod -R u+w objects; for f in ${glob}; do : > $f; done`;
/** So that single objects can be damaged. */
const unpacked =
  "mkdir t && mv objects/pack/* t && for p in t/*.pack; do git unpack-objects -q < $p; done && rm -rf t && chmod -R u+w objects";
const tip = "$(cat refs/remotes/origin/main)";
const objectOf = (what: string) => `$(git rev-parse ${what} | sed 's,^..,objects/&/,')`;

/** What happens to the store of a running daemon; `$app` is the worktree metadata of the checkout. */
const damages: Readonly<Record<string, string>> = {
  "an empty ref": ": > refs/remotes/origin/main",
  "a corrupt ref": "echo garbage > refs/remotes/origin/main",
  "a ref to a commit that is nowhere":
    "echo 1111111111111111111111111111111111111111 > refs/remotes/origin/main",
  "a corrupt packed-refs": "rm refs/remotes/origin/main; echo garbage > packed-refs",
  "an empty HEAD": ": > HEAD",
  "no HEAD": "rm HEAD",
  "an empty config": ": > config",
  "a config of NULs": "head -c 300 /dev/zero > config",
  "no config": "rm config",
  "a corrupt config.worktree": "echo '[bad' > config.worktree",
  "no objects": "rm -rf objects",
  "no refs": "rm -rf refs",
  "no packs": "rm -rf objects/pack",
  "a file in the packs' place": "rm -rf objects/pack; : > objects/pack",
  "empty packs": emptyAll("objects/pack/*.pack"),
  "truncated packs": "chmod -R u+w objects; truncate -s 40 objects/pack/*.pack",
  "packs of zeros":
    "chmod -R u+w objects; for p in objects/pack/*.pack; do head -c $(($(stat -c %s $p) - 34)) /dev/zero | dd of=$p bs=1 seek=14 conv=notrunc status=none; done",
  "empty pack indexes": emptyAll("objects/pack/*.idx"),
  "an empty commit object": `${unpacked}; : > ${objectOf(tip)}`,
  "a corrupt commit object": `${unpacked}; echo garbage > ${objectOf(tip)}`,
  "a missing commit object": `${unpacked}; rm ${objectOf(tip)}`,
  "a corrupt tree": `${unpacked}; echo garbage > ${objectOf(`${tip}^{tree}`)}`,
  "a missing tree": `${unpacked}; rm ${objectOf(`${tip}^{tree}`)}`,
  "a corrupt commit-graph": "echo garbage > objects/info/commit-graph",
  "a corrupt multi-pack-index": "echo garbage > objects/pack/multi-pack-index",
  "a corrupt shallow file": "echo garbage > shallow",
  "a store whose removal was cut off": "rm -rf HEAD config objects",
  "no store at all": 'rm -rf "$PWD"',
  "an empty index": ": > $app/index",
  "a corrupt index": "echo garbage > $app/index",
  "no index": "rm $app/index",
  "an empty HEAD of the checkout": ": > $app/HEAD",
  "a HEAD of the checkout that is nowhere": "echo 1111111111111111111111111111111111111111 > $app/HEAD",
  "no HEAD of the checkout": "rm $app/HEAD",
  "a corrupt config of the checkout": "echo '[bad' > $app/config.worktree",
  "an empty commondir": ": > $app/commondir",
  "no worktree metadata": "rm -rf $app",
  "no administration of any checkout": "rm -rf worktrees",
};

async function aDamagedService(name: string, link = "app") {
  const upstream = anUpstream(`${name} ${link}`.replaceAll(/\W/g, "-"), {
    "app/conf": "one\n",
    "app/same": "same\n",
  });
  for (const key of ["allowFilter", "allowAnySHA1InWant"])
    upstream.git("config", `uploadpack.${key}`, "true");
  const place = aDaemonSetup(upstream.path, new FakeClock(now), [], link);
  const daemon = runDaemonAt(place);
  await daemon.until(() => daemon.state().name === "OK" && daemon.commit() === upstream.first);
  const { checkout } = place.services[0];
  const store = place.setup.store.path;
  const damage = (script: string) =>
    execFileSync("sh", ["-euc", script], {
      cwd: store,
      env: { ...process.env, GIT_DIR: store, app: "worktrees/app" },
    });
  const inode = (file: string) => statSync(join(checkout, file)).ino;
  return { upstream, place, daemon, checkout, store, damage, inode };
}

const cases = Object.entries(damages).flatMap(([name, script]) => {
  const links = script.includes("$app") || script.includes("worktrees") ? ["app", "."] : ["app"];
  return links.map((link) => ({ name, script, link }));
});

test.each(cases)("$name, link $link: the next commit comes all the same", async ({ name, script, link }) => {
  const { upstream, daemon, damage, inode, checkout, store } = await aDamagedService(name, link);
  await using _ = daemon;
  const before = { same: inode("app/same"), checkout: statSync(checkout).ino };
  damage(script);
  const second = upstream.commit({ "app/conf": "two\n" });
  daemon.loop.requestPoll("app", "pull");
  await daemon.until(() => daemon.state().name === "OK" && daemon.commit() === second);
  expect(daemon.file("app/conf")).toBe("two\n");
  expect({ same: inode("app/same"), checkout: statSync(checkout).ino }).toEqual(before);
  // Git has nothing to complain of any more.
  const third = upstream.commit({ "app/conf": "three\n" });
  daemon.loop.requestPoll("app", "pull");
  await daemon.until(() => daemon.state().name === "OK" && daemon.commit() === third);
  await daemon.loop.idle();
  const look = "git status --short 2>&1; git for-each-ref 2>&1 >/dev/null; git rev-parse HEAD 2>&1";
  const env = { ...process.env, GIT_DIR: gitDirOf(checkout) ?? "", GIT_WORK_TREE: checkout };
  expect(execFileSync("sh", ["-c", look], { cwd: checkout, env, encoding: "utf8" })).toBe(`${third}\n`);
  expect(existsSync(`${store}.new`)).toBe(false);
});

test.each([
  "a corrupt ref",
  "no objects",
  "packs of zeros",
  "a corrupt index",
  "no administration of any checkout",
])("%s: local edits stay", async (name) => {
  const { daemon, damage, inode, checkout } = await aDamagedService(`typed ${name}`);
  await using _ = daemon;
  writeFileSync(join(checkout, "app/conf"), "typed\n");
  writeFileSync(join(checkout, "app/new"), "new\n");
  const before = ["app/conf", "app/new", "app/same"].map(inode);
  damage(damages[name] ?? "");
  daemon.loop.requestPoll("app", "pull");
  await daemon.until(() => JSON.stringify(daemon.state()).includes("2 local edits"));
  expect(["app/conf", "app/new", "app/same"].map(inode)).toEqual(before);
  expect(daemon.file("app/conf")).toBe("typed\n");
});

test("while upstream is down the state says that the store is damaged, and what is done about it", async () => {
  const { upstream, daemon, damage, place, checkout } = await aDamagedService("down");
  await using _ = daemon;
  const listing = () => readdirSync(checkout, { recursive: true });
  const before = listing();
  damage(damages["no objects"] ?? "");
  renameSync(upstream.path, `${upstream.path}.away`);
  daemon.loop.requestPoll("app", "pull");
  await daemon.until(() => daemon.state().name === "DIFF");
  expect(JSON.stringify(daemon.state())).toMatch(
    /The store of .* is damaged \(not a git repository: .*\); it is rebuilt when upstream answers: Cannot fetch/,
  );
  expect(listing()).toEqual(before);
  expect(daemon.file("app/conf")).toBe("one\n");
  renameSync(`${upstream.path}.away`, upstream.path);
  place.clock.advance(10_000);
  await daemon.until(() => daemon.state().name === "OK");
});

test("a commit that only the damaged store still has is brought along", async () => {
  const { upstream, daemon, damage, checkout } = await aDamagedService("rewritten");
  await using _ = daemon;
  const first = daemon.commit();
  daemon.context.records.apply("app", {
    type: "freeze",
    by: "t",
    reason: "",
    until: null,
    at: new Date(now),
  });
  upstream.git("commit", "-q", "--amend", "-m", "rewritten");
  upstream.git(
    "-c",
    "gc.reflogExpire=now",
    "-c",
    "gc.reflogExpireUnreachable=now",
    "gc",
    "-q",
    "--prune=now",
  );
  damage("echo garbage > refs/remotes/origin/main; echo garbage > packed-refs; rm -r worktrees");
  writeFileSync(join(checkout, "app/conf"), "one\n");
  daemon.loop.enqueue("app", "poll");
  await daemon.until(() => daemon.lines.join("").includes("rebuilt it"));
  daemon.loop.enqueue("app", "poll");
  await daemon.loop.idle();
  expect(daemon.state()).toMatchObject({ name: "FREEZE", drift: "" });
  expect(execFileSync("git", ["rev-parse", "HEAD"], { cwd: checkout, encoding: "utf8" }).trim()).toBe(first);
});

test("a lost object is noticed when a rollback needs it, and fetched again", async () => {
  const { upstream, daemon, damage } = await aDamagedService("rollback");
  await using _ = daemon;
  const second = upstream.commit({ "app/conf": "two\n" });
  daemon.loop.requestPoll("app", "pull");
  await daemon.until(() => daemon.commit() === second);
  damage(`${unpacked}; echo garbage > ${objectOf(`${upstream.first}:app`)}`);
  const decided = { by: "t", reason: "", at: new Date(now) };
  daemon.context.records.apply("app", { type: "rollback", to: upstream.first, ...decided });
  daemon.loop.enqueue("app", "rollback");
  await daemon.until(() => daemon.state().name === "FREEZE" && daemon.commit() === upstream.first);
  expect(daemon.file("app/conf")).toBe("one\n");
});

test("worktree metadata without a checkout does not stop fetches", async () => {
  const { upstream, daemon, damage, place } = await aDamagedService("orphan");
  await using _ = daemon;
  damage("mkdir worktrees/orphan; : > worktrees/orphan/commondir; echo /x/.git > worktrees/orphan/gitdir");
  const second = upstream.commit({ "app/conf": "two\n" });
  daemon.loop.requestPoll("app", "pull");
  await daemon.until(() => daemon.loop.pollTimes("app").nextPollAt !== null);
  place.clock.advance(61_000);
  await daemon.until(() => daemon.state().name === "OK" && daemon.commit() === second);
});

test.each(["index.lock", "HEAD.lock"])("a stale %s is removed while the daemon runs", async (lock) => {
  const { upstream, daemon, store } = await aDamagedService(`stale ${lock}`);
  await using _ = daemon;
  const path = join(store, "worktrees/app", lock);
  writeFileSync(path, "");
  utimesSync(path, new Date(0), new Date(0));
  const second = upstream.commit({ "app/conf": "two\n" });
  daemon.loop.requestPoll("app", "pull");
  await daemon.until(() => daemon.state().name === "OK" && daemon.commit() === second);
  expect(existsSync(path)).toBe(false);
});

test.each(["packed-refs.lock", "refs/remotes/origin/main.lock", "config.lock", "shallow.lock"])(
  "a stale %s does not keep a commit away",
  async (lock) => {
    const { upstream, daemon, store } = await aDamagedService(`stale ${lock}`);
    await using _ = daemon;
    writeFileSync(join(store, lock), "");
    utimesSync(join(store, lock), new Date(0), new Date(0));
    const second = upstream.commit({ "app/conf": "two\n" });
    daemon.loop.requestPoll("app", "pull");
    await daemon.until(() => daemon.state().name === "OK" && daemon.commit() === second);
  },
);

test("a young lock is an administrator's: it is waited for, and left alone", async () => {
  const { upstream, daemon, store, place } = await aDamagedService("young");
  await using _ = daemon;
  const path = join(store, "refs/remotes/origin/main.lock");
  writeFileSync(path, "theirs");
  const atMs = place.clock.now();
  utimesSync(path, atMs, atMs);
  const second = upstream.commit({ "app/conf": "two\n" });
  daemon.loop.requestPoll("app", "pull");
  await daemon.until(() => daemon.state().name === "DIFF");
  expect(JSON.stringify(daemon.state())).toContain("main.lock': File exists");
  expect(readFileSync(path, "utf8")).toBe("theirs");
  // It never ends: after a minute it counts as stale.
  await daemon.until(() => daemon.loop.pollTimes("app").nextPollAt !== null);
  place.clock.advance(61_000);
  await daemon.until(() => daemon.state().name === "OK" && daemon.commit() === second);
});
