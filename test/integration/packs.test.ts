import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { askUpstream } from "../../src/git/fetch/poll-upstream.ts";
import { diffBetween } from "../../src/git/history/log.ts";
import { measureStore, packStore, packsMax } from "../../src/git/store/pack-store.ts";
import type { Commit } from "../../src/model/commit.ts";
import { exec } from "../../src/platform/process/exec.ts";
import { FakeClock } from "../builders/fake-clock.ts";
import { aDaemonSetup, runDaemonAt } from "./a-daemon.ts";
import { aCheckout, anUpstream, aStore, asked } from "./a-store.ts";

const now = "2026-11-24T12:00:00Z";
const filesIn = (store: string) =>
  execFileSync("find", [store, "-type", "f"], { encoding: "utf8" }).split("\n").length;

function aPartialUpstream(name: string, files: Record<string, string>) {
  const upstream = anUpstream(name, files);
  for (const key of ["allowFilter", "allowAnySHA1InWant"])
    upstream.git("config", `uploadpack.${key}`, "true");
  return upstream;
}

/** Text that does not become smaller when it is packed. */
function noise(seed: number, bytes: number): string {
  let text = "";
  for (let part = 0; text.length < bytes; part += 1)
    text += createHash("sha512").update(`${seed} ${part}`).digest("base64");
  return text;
}

test("three hundred fetches leave few files", { timeout: 180_000 }, async () => {
  const upstream = aPartialUpstream("many", { "app/conf": "0\n" });
  // Each is two fetches: one of the commit, one of the file. All are made at once; then the branch goes through them one by one.
  const stream = Array.from({ length: 150 }, (_, index) => {
    const from = index === 0 ? `from ${upstream.first}\n` : "";
    const text = `${index + 1}\n`;
    return `commit refs/heads/all\ncommitter t <t@t> ${1_700_000_000 + index} +0000\ndata 0\n${from}M 100644 inline app/conf\ndata ${text.length}\n${text}\n`;
  });
  execFileSync("git", ["-C", upstream.path, "fast-import", "--quiet"], { input: stream.join("") });
  const commits = upstream.git("rev-list", "--reverse", "main..all").split("\n") as Commit[];
  await using daemon = runDaemonAt(aDaemonSetup(upstream.path, new FakeClock(now)));
  const store = daemon.context.records.get("app").store;
  let most = 0;
  for (const commit of commits) {
    upstream.git("update-ref", "refs/heads/main", commit);
    daemon.loop.requestPoll("app", "pull");
    await daemon.until(() => daemon.commit() === commit);
    most = Math.max(most, readdirSync(join(store, "objects/pack")).length);
  }
  // A pack has three files. Fetches go on while the old ones are packed.
  expect(most).toBeLessThan(3 * 2 * packsMax);
  expect(filesIn(store)).toBeLessThan(3 * 2 * packsMax);
  expect(daemon.state()).toEqual({ name: "OK", drift: "" });
  expect(daemon.file("app/conf")).toBe("150\n");
});

test("packing keeps what checkouts need, what only they have, and the other files of the store", async () => {
  const upstream = aPartialUpstream("kept-packs", { "app/conf": "one\n", "other/x": "x\n" });
  const setup = aStore(upstream.path);
  await askUpstream(setup.store, ["main"], setup.tools, asked);
  const { look } = await aCheckout(setup, upstream.first, ["app"]);
  upstream.git("commit", "-q", "--amend", "-m", "rewritten");
  upstream.git(
    "-c",
    "gc.reflogExpireUnreachable=now",
    "-c",
    "gc.reflogExpire=now",
    "gc",
    "-q",
    "--prune=now",
  );
  await askUpstream(setup.store, ["main"], setup.tools, asked);
  writeFileSync(join(setup.store.path, "objects/pack/tmp_pack_young"), "");
  await packStore(setup.store, setup.git, asked.signal);
  expect(
    readdirSync(join(setup.store.path, "objects/pack")).filter((name) => /pack$/.test(name)),
  ).toHaveLength(1);
  expect(readdirSync(join(setup.store.path, "objects/pack"))).toContain("tmp_pack_young");
  rmSync(upstream.path, { recursive: true });
  expect(await look()).toMatchObject({ is: "present", head: upstream.first, edits: [] });
});

test("a store beyond its limit is rebuilt with only what is needed, once a day", async () => {
  const upstream = aPartialUpstream("grown", { "app/conf": "one\n" });
  const old: Commit[] = [];
  for (let seed = 0; seed < 8; seed += 1) old.push(upstream.commit({ "app/big": noise(seed, 200_000) }));
  upstream.commit({ "app/big": "small\n" });
  const limit = 1_000_000;
  const place = aDaemonSetup(upstream.path, new FakeClock(now));
  await using daemon = runDaemonAt(place, [], { storeMaxBytes: limit });
  await daemon.until(() => daemon.commit() !== null);
  const { store } = place.setup;
  // As a reader that compares with old commits does.
  const { signal } = new AbortController();
  for (const commit of old)
    await diffBetween(store, { from: null, to: commit, paths: [] }, daemon.context.readOnlyGit, signal);
  expect(await measureStore(store, exec)).toBeGreaterThan(limit);
  const atMs = place.clock.monotonicMs();
  await daemon.until(() => daemon.loop.pollTimes("app").nextPollAt !== null);
  place.clock.advance(25 * 60 * 60_000);
  daemon.loop.requestPoll("app", "pull");
  const size = () =>
    // It complains of files that go while it counts.
    Number(spawnSync("du", ["-s", "-B1", store.path], { encoding: "utf8" }).stdout.split("\t")[0]);
  await daemon.until(() => size() < limit);
  expect(place.clock.monotonicMs()).toBeGreaterThan(atMs);
  await daemon.loop.idle();
  daemon.loop.enqueue("app", "poll");
  await daemon.loop.idle();
  expect(daemon.state()).toEqual({ name: "OK", drift: "" });
  expect(daemon.lines.join("")).not.toContain("store_limit");
});

test("a store that needs more than its limit is warned of, and works", async () => {
  const upstream = aPartialUpstream("large", { "app/big": noise(1, 400_000) });
  const place = aDaemonSetup(upstream.path, new FakeClock(now));
  await using daemon = runDaemonAt(place, [], { storeMaxBytes: 100_000 });
  await daemon.until(() => daemon.commit() !== null);
  for (const hours of [25, 1, 1]) {
    await daemon.until(() => daemon.loop.pollTimes("app").nextPollAt !== null);
    place.clock.advance(hours * 60 * 60_000);
    daemon.loop.requestPoll("app", "pull");
    await daemon.until(() => daemon.loop.pollTimes("app").nextPollAt !== null);
  }
  await daemon.until(() => daemon.lines.join("").includes("raise the limit"));
  expect(daemon.lines.join("").match(/raise the limit/g)).toHaveLength(1);
  const second = upstream.commit({ "app/big": noise(2, 400_000) });
  daemon.loop.requestPoll("app", "pull");
  await daemon.until(() => daemon.commit() === second && daemon.state().name === "OK");
});
