import { expect, test } from "vitest";
import type { Commit } from "../../src/model/commit.ts";
import type { BranchMove } from "../../src/model/webhook.ts";
import { wake } from "../../src/wake/webhooks.ts";
import { FakeClock } from "../builders/fake-clock.ts";
import { aDaemonSetup, runDaemonAt } from "./a-daemon.ts";
import { anUpstream } from "./a-store.ts";

const noon = "2026-11-24T12:00:00Z";
const dayMs = 86_400_000;

/** Service `app`, and others, up to date with an upstream that is polled once a day. */
async function aScene(name: string, others: readonly string[] = []) {
  const upstream = anUpstream(name, { "app/conf": "one\n" });
  const clock = new FakeClock(noon);
  const place = aDaemonSetup(upstream.path, clock, others);
  const daemon = runDaemonAt(place, [], {}, dayMs);
  await daemon.until(() => daemon.commit() === upstream.first && daemon.state().name === "OK");
  /** A poll has ended, and the next one is so far away. */
  const untilNextLookIn = (ms: number) => daemon.until(() => clock.sleeping().includes(ms));
  await untilNextLookIn(dayMs);
  /** Commits somewhere that a mirror does not show yet. */
  const commitElsewhere = (text: string): Commit => {
    const commit = upstream.commit({ "app/conf": text });
    upstream.git("reset", "-q", "--hard", "HEAD~1");
    return commit;
  };
  const show = (commit: Commit) => upstream.git("reset", "-q", "--hard", commit);
  return { upstream, clock, place, daemon, untilNextLookIn, commitElsewhere, show };
}

const moves = (after: Commit | null, before: Commit | null = null): BranchMove[] => [
  { branch: "main", before, after },
];

test("a push with a webhook is deployed at once, and the history has the trigger", async () => {
  const { upstream, daemon, untilNextLookIn } = await aScene("told");
  await using _ = daemon;
  const second = upstream.commit({ "app/conf": "two\n" });
  const push = { repository: [upstream.path], branches: moves(second) };
  expect(wake({ upstreams: null }, push, [daemon.loop])).toEqual({ woke: true, message: "woke app" });
  await daemon.until(() => daemon.commit() === second);
  await untilNextLookIn(dayMs);
  expect(daemon.context.records.deployments("app", { before: null, limit: 1 })[0]?.trigger).toBe("webhook");
});

test("a mirror that lags behind is polled after 1 s, 2 s and 4 s, until it has the push", async () => {
  const { clock, daemon, untilNextLookIn, commitElsewhere, show } = await aScene("lags");
  await using _ = daemon;
  const second = commitElsewhere("two\n");
  daemon.loop.onPush(moves(second));
  for (const wait of [1_000, 2_000, 4_000]) {
    await untilNextLookIn(wait);
    clock.advance(wait);
  }
  await untilNextLookIn(8_000);
  show(second);
  clock.advance(8_000);
  await daemon.until(() => daemon.commit() === second);
  await untilNextLookIn(dayMs);
});

test("a commit with others on top of it counts as seen", async () => {
  const { upstream, daemon, untilNextLookIn } = await aScene("on-top");
  await using _ = daemon;
  const second = upstream.commit({ "app/conf": "two\n" });
  const third = upstream.commit({ "app/conf": "three\n" });
  daemon.loop.onPush(moves(second));
  await daemon.until(() => daemon.commit() === third);
  await untilNextLookIn(dayMs);
});

test("what upstream does not show in a minute is given up, and said", async () => {
  const { clock, daemon, untilNextLookIn } = await aScene("never");
  await using _ = daemon;
  daemon.loop.onPush(moves("e".repeat(40) as Commit));
  for (const wait of [1_000, 2_000, 4_000, 8_000, 16_000, 29_000]) {
    await untilNextLookIn(wait);
    clock.advance(wait);
  }
  await untilNextLookIn(dayMs);
  expect(daemon.lines.join("")).toMatch(
    /never: a webhook told of eeeeeeee on "main", and upstream does not show it/,
  );
  expect(daemon.state().name).toBe("OK");
});

test("a thousand webhooks during a poll cause one more poll", async () => {
  const { upstream, daemon, untilNextLookIn } = await aScene("burst", ["other"]);
  await using _ = daemon;
  const second = upstream.commit({ "app/conf": "two\n" });
  const once = await daemon.gitRunsOf(async () => {
    daemon.loop.onPush(moves(second));
    await daemon.until(() => daemon.commit() === second);
    await untilNextLookIn(dayMs);
  });
  const third = upstream.commit({ "app/conf": "three\n" });
  const burst = await daemon.gitRunsOf(async () => {
    for (let n = 0; n < 1_000; n += 1) daemon.loop.onPush(moves(third));
    await Promise.resolve();
    for (let n = 0; n < 1_000; n += 1) daemon.loop.onPush(moves(third));
    await daemon.until(() => daemon.commit() === third);
    await untilNextLookIn(dayMs);
  });
  // The second poll is one fetch that finds nothing.
  expect(burst).toBeLessThanOrEqual(once + 2);
  expect(daemon.context.records.deployments("app", { before: null, limit: 9 })).toHaveLength(3);
});

test("a webhook for a branch that no service follows, or only frozen ones, causes no poll", async () => {
  const { daemon } = await aScene("unwatched");
  await using _ = daemon;
  const at = new Date(noon);
  const runs = await daemon.gitRunsOf(() => {
    expect(daemon.loop.onPush([{ branch: "other", before: null, after: null }])).toEqual([]);
    daemon.context.records.apply("app", { type: "freeze", by: "root", reason: "", until: null, at });
    expect(daemon.loop.onPush(moves("e".repeat(40) as Commit))).toEqual([]);
  });
  expect(runs).toBe(0);
});

test("a service with a longer interval gets new commits after that interval or with a webhook", async () => {
  const upstream = anUpstream("intervals", { "app/conf": "one\n" });
  const clock = new FakeClock(noon);
  const place = aDaemonSetup(upstream.path, clock, ["slow"]);
  const [app, slow] = place.services;
  if (slow === undefined) throw new Error("no second service");
  const services = [
    { ...app, intervalMs: 60_000 },
    { ...slow, intervalMs: 150_000 },
  ] as const;
  await using daemon = runDaemonAt({ ...place, services }, [], {}, dayMs);
  const commits = () => ["app", "slow"].map((name) => daemon.context.records.get(name).commit);
  const untilNextLook = () => daemon.until(() => clock.sleeping().includes(60_000));
  await daemon.until(() => commits().every((commit) => commit === upstream.first));
  await untilNextLook();

  const second = upstream.commit({ "app/conf": "two\n" });
  clock.advance(60_000);
  await daemon.until(() => commits()[0] === second);
  await untilNextLook();
  // Nor does the drift scan bring it.
  daemon.loop.enqueue("slow", "poll");
  await daemon.loop.idle();
  clock.advance(60_000);
  await untilNextLook();
  expect(commits()).toEqual([second, upstream.first]);
  clock.advance(60_000);
  await daemon.until(() => commits()[1] === second);
  await untilNextLook();

  const third = upstream.commit({ "app/conf": "three\n" });
  daemon.loop.onPush(moves(third));
  await daemon.until(() => commits().every((commit) => commit === third));
});

test("after a start, upstream is polled at the host's own offset, or at once when files are missing or a poll is requested", async () => {
  const { upstream, place, daemon } = await aScene("start");
  await daemon[Symbol.asyncDispose]();
  const second = upstream.commit({ "app/conf": "two\n" });
  await using again = runDaemonAt(place, [], { jitter: () => 0.5 }, dayMs);
  await again.until(() => place.clock.sleeping().includes(2_500));
  expect(again.commit()).toBe(upstream.first);
  again.loop.requestPoll("app", "pull");
  await again.until(() => again.commit() === second);
});
