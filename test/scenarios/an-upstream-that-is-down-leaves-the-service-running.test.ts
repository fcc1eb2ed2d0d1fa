import { expect, test } from "vitest";
import { aConfig } from "../builders/config.ts";
import { aScene } from "../builders/scene.ts";
import type { Gitopper } from "../host/gitopper.ts";
import { poll } from "../host/poll.ts";
import { events, untilEvent } from "../host/unit.ts";

test("an upstream that is down leaves the service running, is polled less and less often, and is followed again", async () => {
  await using scene = await aScene({ gitopper: { duration: "1s" } });
  const { host, gitopper, served, upstream } = scene;
  await untilEvent(host, "app", "start one");
  const first = await upstream.head();
  await gitopper.until("app", (row) => row.state === "OK");

  await served.down();
  const down = await gitopper.untilReason("app", "upstream-unreachable");
  expect(down).toMatchObject({ state: "DIFF", commit: first });
  expect(down.info).toMatch(/^Cannot fetch "http:.*: .*[Cc]onnect/);
  // After three failures in a row the wait is four times the duration, or more.
  const [, gap = 0] = await gapsBetweenTries(gitopper, 3);
  expect(gap).toBeGreaterThan(3_000);
  expect(await host.read("/etc/app/conf")).toBe("one\n");
  expect(await events(host, "app")).toEqual(["start one"]);

  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await served.up();
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === second);
  expect(await events(host, "app")).toEqual(["start one", "reload two"]);

  // One that was never there is no damage of a store.
  await gitopper.writeConfig(aConfig("http://127.0.0.1:9/none.git"));
  await gitopper.restart();
  const never = await gitopper.untilReason("app", "upstream-unreachable");
  expect(never.state).toBe("DIFF");
  expect(never.info).toMatch(/^Cannot fetch "http:\/\/127\.0\.0\.1:9\/none\.git": /);
  expect(await gitopper.journal()).not.toContain("is damaged");
});

/** The time between failed fetches in a row, in ms, beginning with the next one. */
async function gapsBetweenTries(gitopper: Gitopper, tries: number): Promise<number[]> {
  const times: number[] = [];
  let failures = await gitErrors(gitopper);
  while (times.length < tries) {
    const before = failures;
    failures = await poll(
      () => gitErrors(gitopper),
      (count) => count > before,
      { everyMs: 20, timeoutMs: 30_000, failure: (count) => `No further try after ${count}` },
    );
    times.push(performance.now());
  }
  return times.slice(1).map((time, index) => time - (times[index] ?? 0));
}

async function gitErrors(gitopper: Gitopper): Promise<number> {
  const { text } = await gitopper.get("/metrics");
  return Number(/^gitopper_machine_git_errors_total (\d+)$/m.exec(text)?.[1] ?? 0);
}
