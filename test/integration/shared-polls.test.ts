import { expect, test } from "vitest";
import { FakeClock } from "../builders/fake-clock.ts";
import { aDaemonSetup, runDaemonAt } from "./a-daemon.ts";
import { anUpstream } from "./a-store.ts";

test("requests at the same time share one poll, which deploys nothing, and the loop deploys its result", async () => {
  const upstream = anUpstream("shown", { "app/conf": "one\n" });
  const clock = new FakeClock("2026-11-24T12:00:00Z");
  await using daemon = runDaemonAt(aDaemonSetup(upstream.path, clock));
  const { loop } = daemon;
  const member = await daemon.until(() => daemon.commit() === upstream.first).then(() => loop.managed("app"));
  if (member === undefined) throw new Error("there is no member");
  await loop.idle();

  upstream.commit({ "app/conf": "two\n" });
  const one = await daemon.gitRunsOf(() => loop.pollForPeople(member, "now"));
  const third = upstream.commit({ "app/conf": "three\n" });
  const many = await daemon.gitRunsOf(async () => {
    const seen = await Promise.all(Array.from({ length: 50 }, () => loop.pollForPeople(member, "now")));
    for (const { view, stale } of seen) {
      expect(stale).toBe("");
      expect(view).toMatchObject({ is: "known", tips: new Map([["main", third]]) });
    }
  });
  expect(many).toBeLessThanOrEqual(one);
  upstream.commit({ "app/conf": "four\n" });
  expect(await daemon.gitRunsOf(() => loop.pollForPeople(member, "lately"))).toBe(0);
  expect(daemon.commit()).toBe(upstream.first);
  upstream.git("reset", "-q", "--hard", third);

  loop.requestPoll("app", "pull");
  await daemon.until(() => daemon.commit() === third);
  expect(daemon.file("app/conf")).toBe("three\n");
});

test("a pull of a service during a poll for another one is recorded as its trigger", async () => {
  const upstream = anUpstream("asked-meanwhile", { "app/conf": "one\n" });
  const clock = new FakeClock("2026-11-24T12:00:00Z");
  await using daemon = runDaemonAt(aDaemonSetup(upstream.path, clock, ["web"]));
  const { loop, context } = daemon;
  await daemon.until(() => daemon.commit() === upstream.first);
  await loop.idle();

  const second = upstream.commit({ "app/conf": "two\n" });
  const pull = (service: string, by: string) =>
    loop.requestPoll(service, "pull", { overrideWindow: false, by, reason: "" });
  daemon.atNextGit(() => pull("app", "bob"));
  pull("web", "ann");
  await daemon.until(() => daemon.commit() === second);
  const [last] = context.records.deployments("app", { before: null, limit: 1 });
  expect(last).toMatchObject({ to: second, trigger: "pull", by: "bob" });
});
