import { expect, test } from "vitest";
import { freeze, pull, rollback, unfreeze } from "../../src/control/commands.ts";
import { holdOf, infoOf } from "../../src/model/state.ts";
import { FakeClock } from "../builders/fake-clock.ts";
import { aDaemonSetup, runDaemonAt } from "./a-daemon.ts";
import { anUpstream } from "./a-store.ts";

const asked = { by: "root", reason: "", overrideWindow: false, again: false };
const hourMs = 3_600_000;
const at = (text: string) => new Date(text);
const until = at("2026-11-25T10:00:00Z");
const wish = { by: "root", reason: "release week", until };

async function aScene(name: string) {
  const upstream = anUpstream(name, { "app/conf": "one\n" });
  const clock = new FakeClock("2026-11-24T12:00:00Z");
  const place = aDaemonSetup(upstream.path, clock);
  const daemon = runDaemonAt(place);
  await daemon.until(() => daemon.commit() === upstream.first && daemon.state().name === "OK");
  return { upstream, clock, place, daemon };
}

test("a freeze has its author, reason and end, and when it expires the service polls its upstream", async () => {
  const { upstream, clock, daemon } = await aScene("thaws");
  await using _ = daemon;
  expect(freeze(daemon.loop, "app", wish, daemon.context)).toEqual({
    ok: true,
    message: "app is frozen: it ignores its upstream until 2026-11-25 10:00 UTC, or you unfreeze it",
  });
  expect(infoOf(daemon.state())).toBe("by root until 2026-11-25 10:00 UTC: release week");
  const second = upstream.commit({ "app/conf": "two\n" });
  expect(pull(daemon.loop, "app", { ...asked, overrideWindow: true }, daemon.context)).toMatchObject({
    ok: false,
    why: "refused",
  });

  // An hour early, and then at its minute, which no poll shares.
  clock.advance(21 * hourMs);
  await daemon.until(() => clock.sleeping().length === 2);
  expect(daemon.state().name).toBe("FREEZE");
  clock.advance(hourMs);
  await daemon.until(() => daemon.commit() === second && daemon.state().name === "OK");
  expect(daemon.lines.join("")).toContain(
    "the freeze has ended (by root until 2026-11-25 10:00 UTC: release week): it tracks its upstream again",
  );
  expect(daemon.lines.join("")).toContain("(freeze-expired)");
});

test("a freeze that expired while the daemon was down ends at its start", async () => {
  const { upstream, clock, place, daemon } = await aScene("down");
  freeze(daemon.loop, "app", wish, daemon.context);
  await daemon[Symbol.asyncDispose]();
  clock.advance(21 * hourMs);
  {
    await using early = runDaemonAt(place);
    expect(infoOf(early.state())).toBe("by root until 2026-11-25 10:00 UTC: release week");
    expect(holdOf(early.state())?.since).toEqual(at("2026-11-24T12:00:00Z"));
  }
  const second = upstream.commit({ "app/conf": "two\n" });
  clock.advance(2 * hourMs);
  await using late = runDaemonAt(place);
  expect(late.state().name).toBe("OK");
  await late.until(() => late.commit() === second);
});

test("a shorter time that is set later counts, and one that is taken away does not", async () => {
  const { clock, daemon } = await aScene("anew");
  await using _ = daemon;
  freeze(daemon.loop, "app", wish, daemon.context);
  expect(
    freeze(daemon.loop, "app", { by: "bob", reason: "", until: at("2026-11-24T12:00:05Z") }, daemon.context),
  ).toEqual({
    ok: true,
    message: "app stays frozen: by bob until 2026-11-24 12:00 UTC",
  });
  expect(freeze(daemon.loop, "app", { by: "eve", reason: "", until: null }, daemon.context)).toEqual({
    ok: true,
    message: "app is frozen already: by bob until 2026-11-24 12:00 UTC",
  });
  await daemon.until(() => clock.sleeping().includes(5_000));
  clock.advance(5_000);
  await daemon.until(() => daemon.state().name === "OK");

  freeze(daemon.loop, "app", { by: "bob", reason: "", until: at("2026-11-24T12:00:30Z") }, daemon.context);
  freeze(daemon.loop, "app", { by: "bob", reason: "for good", until: null }, daemon.context);
  clock.advance(60_000);
  await daemon.until(() => clock.sleeping().length === 2);
  expect(infoOf(daemon.state())).toBe("by bob: for good");
  expect(unfreeze(daemon.loop, "app", "root", daemon.context)).toEqual({
    ok: true,
    message: "app tracks its upstream again",
  });
});

test.each([
  ["2026-11-24T12:00:00Z", "Cannot freeze app: 2026-11-24 12:00 UTC is past; give a time to come"],
  ["2036-12-24T12:00:00Z", "Cannot freeze app: that is more than 10 years away; freeze it without a time"],
  ["tomorrow", "Cannot freeze app: there is no such time; give one such as 2026-11-25T10:00:00Z"],
])("a freeze until %s is refused", async (text, message) => {
  const { daemon } = await aScene(`refused-${text.slice(0, 4)}`);
  await using _ = daemon;
  const asked = { by: "root", reason: "", until: at(text) };
  expect(freeze(daemon.loop, "app", asked, daemon.context)).toEqual({ ok: false, why: "refused", message });
  expect(daemon.state().name).toBe("OK");
});

test("a rollback has its author and reason, and a freeze after it keeps its commit", async () => {
  const { upstream, clock, daemon } = await aScene("back");
  await using _ = daemon;
  const second = upstream.commit({ "app/conf": "two\n" });
  pull(daemon.loop, "app", asked, daemon.context);
  await daemon.until(() => daemon.commit() === second);
  const hash = upstream.first.slice(0, 8);
  expect(
    await rollback(
      daemon.loop,
      "app",
      { by: "ci", reason: "bad release", hash },
      { ...daemon.context, targets: daemon.targets },
    ),
  ).toMatchObject({
    ok: true,
  });
  await daemon.until(() => daemon.commit() === upstream.first && daemon.state().name === "FREEZE");
  expect(infoOf(daemon.state())).toBe(`ROLLBACK: ${upstream.first} (by ci: bad release)`);

  const third = upstream.commit({ "app/conf": "three\n" });
  freeze(daemon.loop, "app", { by: "root", reason: "", until: at("2026-11-24T13:30:00Z") }, daemon.context);
  expect(infoOf(daemon.state())).toBe(`ROLLBACK: ${upstream.first} (by root until 2026-11-24 13:30 UTC)`);
  expect(daemon.file("app/conf")).toBe("one\n");
  clock.advance(1.5 * hourMs);
  await daemon.until(() => daemon.commit() === third);
});
