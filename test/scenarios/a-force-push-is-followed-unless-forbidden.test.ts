import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import { readDeployments } from "../host/deployments.ts";
import { poll } from "../host/poll.ts";
import { events, untilEvent } from "../host/unit.ts";

test("a force push is followed, and recorded as such", async () => {
  await using scene = await aScene();
  const { host, gitopper, upstream } = scene;
  const first = await upstream.head();
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");
  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.pull("app");
  await gitopper.until("app", (row) => row.hash === second && row.state === "OK");

  const rewritten = await upstream.forcePush({ "app/etc/conf": "three\n" }, { onto: first });
  await gitopper.pull("app");
  await gitopper.until("app", (row) => row.hash === rewritten && row.state === "OK");
  expect(await host.read("/etc/app/conf")).toBe("three\n");

  // No branch has the commit before any more; the store keeps it, and what it offers can be had.
  const git = `git -C /var/lib/gitopper/stores/*-*`;
  const refs = () => host.sh(`${git} for-each-ref --format='%(refname)' refs/gitopper`);
  await poll(refs, (seen) => seen.includes(second), {
    ...{ everyMs: 100, timeoutMs: 30_000 },
    failure: (seen) => `the store keeps ${seen}`,
  });
  await host.sh(`${git} gc --quiet --prune=now`);
  await gitopper.ctl("rollback", "@", "app", "--previous", "--reason", "bad release");
  await gitopper.until("app", (row) => row.hash === second && row.state === "FREEZE");
  expect(await host.read("/etc/app/conf")).toBe("two\n");
  expect(await gitopper.ctl("log", "@", "app")).toMatch(/rollback +root +done .*bad release/);

  await gitopper.stop();
  const [, plain, forced] = readDeployments(host, "app");
  expect(plain).toMatchObject({ from: first, to: second, trigger: "pull", result: "done", reason: "" });
  expect(forced).toMatchObject({ from: second, to: rewritten, trigger: "pull", result: "done" });
  expect(forced?.reason).toMatch(/the history of "main" was rewritten/);
});

test("with fast_forward_only a force push changes nothing, and the state says why", async () => {
  await using scene = await aScene({ global: { fast_forward_only: true } });
  const { host, gitopper, upstream } = scene;
  const first = await upstream.head();
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");
  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.pull("app");
  await gitopper.until("app", (row) => row.hash === second && row.state === "OK");

  await upstream.forcePush({ "app/etc/conf": "three\n" }, { onto: first });
  await gitopper.pull("app");
  expect(await gitopper.untilReason("app", "history-rewritten")).toMatchObject({
    ...{ state: "DIFF", commit: second },
    info: expect.stringMatching(/fast_forward_only.*"main"/),
  });
  expect(await host.read("/etc/app/conf")).toBe("two\n");
  await gitopper.restart();
  await gitopper.until("app", ({ state }) => state === "DIFF");
  expect(await events(host, "app")).toEqual(["start one", "reload two"]);

  const descendant = await upstream.forcePush({ "app/etc/conf": "four\n" }, { onto: second });
  await gitopper.pull("app");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === descendant);
  expect(await host.read("/etc/app/conf")).toBe("four\n");
});

test("a branch that goes back is not followed until an admin rolls back to it, or it moves on", async () => {
  await using scene = await aScene();
  const { host, gitopper, upstream } = scene;
  const first = await upstream.head();
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");
  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.pull("app");
  await gitopper.until("app", (row) => row.hash === second && row.state === "OK");

  await upstream.git("update-ref", "refs/heads/main", first);
  await gitopper.pull("app");
  expect(await gitopper.untilReason("app", "went-back")).toMatchObject({
    ...{ state: "DIFF", commit: second },
    info: `Cannot follow upstream: "main" went back to ${first.slice(0, 8)}, which is older than ${second.slice(0, 8)}; push a newer commit, or roll back to that one and unfreeze`,
  });
  expect(await events(host, "app")).toEqual(["start one", "reload two"]);

  await gitopper.ctl("state", "rollback", "@", "app", first);
  await gitopper.until("app", ({ state, hash }) => state === "FREEZE" && hash === first);
  await gitopper.ctl("state", "unfreeze", "@", "app");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === first);
  expect(await host.read("/etc/app/conf")).toBe("one\n");
});
