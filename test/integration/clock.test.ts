import { renameSync } from "node:fs";
import { expect, test } from "vitest";
import { waitingOf } from "../../src/model/state.ts";
import { FakeClock } from "../builders/fake-clock.ts";
import { aDaemonSetup, runDaemonAt } from "./a-daemon.ts";
import { anUpstream } from "./a-store.ts";

const now = "2026-11-24T12:00:00Z";
const dayMs = 86_400_000;

/** A daemon whose upstream is unreachable, so that it waits five seconds. */
async function aWaitingDaemon(name: string) {
  const upstream = anUpstream(name, { "app/conf": "one\n" });
  const clock = new FakeClock(now);
  const daemon = runDaemonAt(aDaemonSetup(upstream.path, clock));
  await daemon.until(() => daemon.commit() === upstream.first);
  const second = upstream.commit({ "app/conf": "two\n" });
  renameSync(upstream.path, `${upstream.path}.away`);
  daemon.loop.requestPoll("app", "pull");
  await daemon.until(
    () => daemon.state().name === "DIFF" && daemon.loop.pollTimes("app").nextPollAt !== null,
  );
  renameSync(`${upstream.path}.away`, upstream.path);
  return { daemon, clock, second };
}

test.each([-30, -3, 3, 30])(
  "a clock that jumps by %i days neither delays a poll nor causes one early",
  async (days) => {
    const { daemon, clock, second } = await aWaitingDaemon(`jump ${days}`);
    await using _ = daemon;
    const runs = await daemon.gitRunsOf(() => {
      clock.jump(days * dayMs);
      clock.advance(4_000);
    });
    expect(runs).toBe(0);
    expect(daemon.loop.pollTimes("app").nextPollAt?.getTime()).toBe(clock.now().getTime() + 1_000);
    clock.advance(1_000);
    await daemon.until(() => daemon.state().name === "OK" && daemon.commit() === second);
  },
);

test("what a wrong clock said of a window is forgotten when the clock is right again", async () => {
  const upstream = anUpstream("window", { "app/conf": "one\n" });
  const clock = new FakeClock(now);
  const noon = { name: null, kind: "allow", start: "0 13 * * *", timezone: "UTC", services: null } as const;
  const windows = [{ ...noon, durationMs: 3_600_000 }];
  await using daemon = runDaemonAt(aDaemonSetup(upstream.path, clock), windows);
  await daemon.until(() => daemon.commit() === upstream.first);
  clock.jump(10 * dayMs);
  upstream.commit({ "app/conf": "two\n" });
  daemon.loop.requestPoll("app", "pull");
  const wouldDeploy = () => waitingOf(daemon.state())?.until?.toISOString();
  await daemon.until(() => wouldDeploy() === "2026-12-04T13:00:00.000Z");
  clock.jump(-10 * dayMs);
  // As the drift scan does, once in an interval.
  daemon.loop.enqueue("app", "poll");
  await daemon.until(() => wouldDeploy() === "2026-11-24T13:00:00.000Z");
});
