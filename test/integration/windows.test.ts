import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pull, rollback, unfreeze } from "../../src/control/commands.ts";
import { infoOf, reasonOf, waitingOf } from "../../src/model/state.ts";
import { aWindow } from "../builders/a-window.ts";
import { FakeClock } from "../builders/fake-clock.ts";
import { aDaemonSetup, runDaemonAt } from "./a-daemon.ts";
import { anUpstream } from "./a-store.ts";

const asked = { by: "root", reason: "", overrideWindow: false, again: false };
const hourMs = 3_600_000;
const nights = aWindow();
const noon = "2026-11-24T12:00:00Z";

/** Upstream has `app/conf` with `one`, and it is deployed, though no window is open. */
async function aScene(name: string, others: readonly string[] = []) {
  const upstream = anUpstream(name, { "app/conf": "one\n", "other/x": "x\n" });
  const clock = new FakeClock(noon);
  const place = aDaemonSetup(upstream.path, clock, others);
  const daemon = runDaemonAt(place, [nights]);
  await daemon.until(() => daemon.commit() === upstream.first && daemon.state().name === "OK");
  return { upstream, clock, place, daemon };
}

/** Makes the current tips of the upstream known, through a poll. */
const look = (daemon: Awaited<ReturnType<typeof aScene>>["daemon"]) => daemon.loop.poll(new Map());

test("a new commit waits, a newer one replaces it, and it goes in when the window opens", async () => {
  const { upstream, clock, daemon } = await aScene("waits");
  await using _ = daemon;
  const second = upstream.commit({ "app/conf": "two\n" });
  await look(daemon);
  await daemon.until(() => waitingOf(daemon.state())?.commit === second);
  expect(daemon.state().name).toBe("OK");
  expect(infoOf(daemon.state())).toBe(
    `waiting for a window: ${second.slice(0, 8)} will be deployed at 2026-11-25 02:00 UTC`,
  );
  expect(daemon.file("app/conf")).toBe("one\n");

  const third = upstream.commit({ "app/conf": "three\n" });
  await look(daemon);
  await daemon.until(() => waitingOf(daemon.state())?.commit === third);
  expect(daemon.commit()).toBe(upstream.first);

  clock.advance(14 * hourMs - 1);
  await daemon.until(() => clock.sleeping().length === 2);
  expect(daemon.commit()).toBe(upstream.first);
  clock.advance(1);
  await daemon.until(() => daemon.commit() === third && reasonOf(daemon.state()) === null);
  expect(daemon.file("app/conf")).toBe("three\n");
});

test("an opening window deploys the waiting commit without a poll, so upstream may be down", async () => {
  const { upstream, clock, daemon } = await aScene("offline");
  await using _ = daemon;
  const second = upstream.commit({ "app/conf": "two\n" });
  await look(daemon);
  await daemon.until(() => waitingOf(daemon.state())?.commit === second);
  renameSync(upstream.path, `${upstream.path}.down`);
  clock.advance(14 * hourMs);
  await daemon.until(() => daemon.commit() === second && daemon.state().name === "OK");
  expect(daemon.lines.join("")).toContain("(window)");
});

test("a poll costs the same while commits wait as when there is nothing new", async () => {
  const { upstream, daemon } = await aScene("costs", ["web"]);
  await using _ = daemon;
  await daemon.until(() => daemon.context.records.get("web").commit === upstream.first);
  // Gits that have just answered, or keep what was deployed, end within seconds, and count then.
  const untilPollTakesOneGit = () =>
    expect.poll(() => daemon.gitRunsOf(() => look(daemon)), { timeout: 20_000, interval: 1_500 }).toBe(1);
  await untilPollTakesOneGit();
  const second = upstream.commit({ "app/conf": "two\n" });
  await look(daemon);
  await daemon.until(() => ["app", "web"].every((name) => waitingOf(daemon.state(name))?.commit === second));
  await daemon.loop.idle();
  await untilPollTakesOneGit();
});

test("a rewritten history that brings the same files is not held back", async () => {
  const { upstream, daemon } = await aScene("amended");
  await using _ = daemon;
  upstream.git("commit", "-q", "--amend", "-m", "reworded");
  await look(daemon);
  await daemon.until(() => daemon.commit() === upstream.git("rev-parse", "HEAD"));
  expect(reasonOf(daemon.state())).toBeNull();
});

test("a commit that the service would not notice moves the record, and takes back what waited", async () => {
  const { upstream, daemon } = await aScene("unnoticed");
  await using _ = daemon;
  const second = upstream.commit({ "other/x": "y\n" });
  await look(daemon);
  expect(daemon.commit()).toBe(second);
  const third = upstream.commit({ "app/conf": "two\n" });
  await look(daemon);
  await daemon.until(() => waitingOf(daemon.state())?.commit === third);
  const reverted = upstream.commit({ "app/conf": "one\n" });
  await look(daemon);
  await daemon.until(() => daemon.commit() === reverted);
  expect(reasonOf(daemon.state())).toBeNull();
});

test("a pull says that it would wait, and goes in at once when it overrides the window, this once", async () => {
  const { upstream, daemon } = await aScene("override");
  await using _ = daemon;
  const second = upstream.commit({ "app/conf": "two\n" });
  expect(pull(daemon.loop, "app", asked, daemon.context)).toEqual({
    ok: true,
    message: "app polls its upstream now; a new commit waits for a window until 2026-11-25 02:00 UTC",
  });
  await daemon.until(() => waitingOf(daemon.state())?.commit === second);
  expect(pull(daemon.loop, "app", { ...asked, overrideWindow: true }, daemon.context)).toEqual({
    ok: true,
    message: "app polls its upstream now",
  });
  await daemon.until(() => daemon.commit() === second && reasonOf(daemon.state()) === null);
  expect(daemon.file("app/conf")).toBe("two\n");

  const third = upstream.commit({ "app/conf": "three\n" });
  await look(daemon);
  await daemon.until(() => waitingOf(daemon.state())?.commit === third);
  expect(daemon.commit()).toBe(second);
});

test("after a restart the windows of the config that is there then count", async () => {
  const { upstream, place, daemon } = await aScene("restart");
  const second = upstream.commit({ "app/conf": "two\n" });
  await look(daemon);
  await daemon.until(() => waitingOf(daemon.state())?.commit === second);
  await daemon[Symbol.asyncDispose]();
  {
    await using again = runDaemonAt(place, [nights]);
    expect(waitingOf(again.state())?.commit).toBe(second);
    await again.loop.idle();
    expect(again.commit()).toBe(upstream.first);
  }
  await using without = runDaemonAt(place);
  await without.until(() => without.commit() === second && reasonOf(without.state()) === null);
});

test("what is held is not for the windows; let go, the branch's commits wait", async () => {
  const { upstream, daemon } = await aScene("held");
  await using _ = daemon;
  const { records, clock } = daemon.context;
  records.apply("app", { type: "freeze", by: "root", reason: "", until: null, at: clock.now() });
  const second = upstream.commit({ "app/conf": "two\n" });
  expect(unfreeze(daemon.loop, "app", "root", daemon.context)).toEqual({
    ok: true,
    message: "app tracks its upstream again; a new commit waits for a window until 2026-11-25 02:00 UTC",
  });
  await daemon.until(() => waitingOf(daemon.state())?.commit === second);
  expect(daemon.file("app/conf")).toBe("one\n");
});

test("a rollback goes in at once, and what went away is put back while a commit waits", async () => {
  const { upstream, place, clock, daemon } = await aScene("never-held-back");
  await using _ = daemon;
  clock.advance(14 * hourMs);
  const second = upstream.commit({ "app/conf": "two\n" });
  await look(daemon);
  await daemon.until(() => daemon.commit() === second);
  clock.advance(4 * hourMs);
  const third = upstream.commit({ "app/conf": "three\n" });
  await look(daemon);
  await daemon.until(() => waitingOf(daemon.state())?.commit === third);

  rmSync(place.services[0].checkout, { recursive: true });
  daemon.loop.enqueue("app", "poll");
  await daemon.until(() => existsSync(join(place.services[0].checkout, "app/conf")));
  await daemon.loop.idle();
  expect(daemon.file("app/conf")).toBe("two\n");
  expect(waitingOf(daemon.state())?.commit).toBe(third);

  const back = { by: "ci", reason: "", hash: upstream.first };
  expect(
    await rollback(daemon.loop, "app", back, { ...daemon.context, targets: daemon.targets }),
  ).toMatchObject({ ok: true });
  await daemon.until(() => daemon.commit() === upstream.first && daemon.state().name === "FREEZE");
  expect(daemon.file("app/conf")).toBe("one\n");
});

test("a deployment that was begun is ended, though the window has closed meanwhile", async () => {
  const { upstream, clock, place, daemon } = await aScene("begun");
  const second = upstream.commit({ "app/conf": "two\n" });
  await look(daemon);
  await daemon.until(() => waitingOf(daemon.state())?.commit === second);
  const start = { service: "app", from: upstream.first, to: second, trigger: "poll", by: "" } as const;
  const phase = { at: "publishing", to: second, result: "running" } as const;
  await daemon.context.records.begin({ ...start, startedAt: clock.now(), mounts: [], phase });
  await daemon[Symbol.asyncDispose]();
  await using again = runDaemonAt(place, [nights]);
  await again.until(() => again.commit() === second && reasonOf(again.state()) === null);
});
