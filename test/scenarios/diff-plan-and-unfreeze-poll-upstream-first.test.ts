import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import { untilEvent } from "../host/unit.ts";

/** Without a webhook only a request causes a poll in the time of the test. */
const gitopper = { duration: "1h" };

test("diff, plan and unfreeze show a push that no poll has seen, deploy nothing, and say when upstream is away", async () => {
  await using scene = await aScene({ gitopper });
  const { host, upstream, served, gitopper: daemon } = scene;
  await untilEvent(host, "app", "start one");
  const first = await upstream.head();
  await daemon.until("app", ({ hash, state }) => hash === first && state === "OK");

  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  expect(await daemon.ctl("diff", "@", "app")).toContain("-one\n+two\n");
  expect(await daemon.ctl("plan", "@", "app")).toContain(`publish ${second.slice(0, 8)}`);

  // Requests of callers that may only read cause a poll now and then.
  const third = await upstream.commit({ "app/etc/conf": "three\n" });
  const asked = served.requests.length;
  const readerPlan = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "curl", "-sS"];
  const url = `http://${daemon.address}/api/v1/services/app/plan`;
  expect((await host.run([...readerPlan, url])).stdout).toContain(second);
  expect(served.requests.length).toBe(asked);
  expect(await daemon.ctl("plan", "@", "app")).toContain(`publish ${third.slice(0, 8)}`);
  expect(await host.read("/etc/app/conf")).toBe("one\n");
  expect(await daemon.services()).toMatchObject([{ hash: first, state: "OK" }]);

  // The loop of a held service does not poll.
  await daemon.ctl("freeze", "@", "app");
  await daemon.restart();
  const fourth = await upstream.commit({ "app/etc/conf": "four\n" });
  const refused = await daemon.tryCtl("unfreeze", "@", "app");
  expect(refused).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("will bring 3 commits to app"),
  });
  expect(await daemon.ctl("diff", "@", "app")).toContain("-one\n+four\n");

  served.hang();
  const begun = performance.now();
  const unanswered = await daemon.tryCtl("diff", "@", "app");
  expect(performance.now() - begun).toBeLessThan(15_000);
  expect(unanswered.stdout).toContain("-one\n+four\n");
  expect(unanswered.stderr).toContain("it cannot be asked now: no answer in 5 s");

  await served.down();
  const away = await daemon.tryCtl("diff", "@", "app");
  expect(away.stdout).toContain("-one\n+four\n");
  expect(away.stderr).toMatch(/^gitopperctl: upstream as of .*; it cannot be asked now: .*connect/im);
  await daemon.restart();
  const unseen = await daemon.tryCtl("plan", "@", "app");
  expect(unseen.stderr).toMatch(/upstream as of before gitopper's start; it cannot be asked now: .*connect/i);
  expect((await daemon.tryCtl("unfreeze", "@", "app")).stderr).toContain("will bring 3 commits to app");

  await served.up();
  await daemon.ctl("unfreeze", "--yes", "@", "app");
  await daemon.until("app", ({ hash, state }) => hash === fourth && state === "OK");
});
