import { expect, test } from "vitest";
import { aScene, type Scene, type SceneOptions } from "../builders/scene.ts";
import { addService, events, untilEvent } from "../host/unit.ts";

const patches = "/var/lib/gitopper/patches";

test("what is edited by hand while a service is frozen stays, over a reboot too", async () => {
  await using scene = await aScene({ gitopper: { duration: "1s" } });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash !== "");
  const first = await upstream.head();
  await gitopper.ctl("state", "freeze", "@", "app");
  await upstream.commit({ "app/etc/conf": "two\n" });
  await host.sh("echo typed >>/etc/app/conf");

  await host.reboot();
  expect(await host.read("/etc/app/conf")).toBe("one\ntyped\n");
  // Only a poll after the reboot can find this one.
  await host.write("/etc/app/later", "later\n");
  const row = await gitopper.until("app", ({ stateinfo }) => stateinfo.includes("; drift: 2 local edits: "));
  expect(row).toMatchObject({ state: "FREEZE", hash: first });
  expect(await host.sh("cat /etc/app/conf /etc/app/later")).toBe("one\ntyped\nlater");
  expect(await host.exists(`${patches}/app`)).toBe(false);
});

test("a BROKEN service that is frozen keeps the files that its unit refused", async () => {
  const execReload = "/bin/sh -c 'echo tried; ! grep -q two /etc/app/conf'";
  await using scene = await aScene(stubborn(execReload));
  const { host, gitopper } = scene;
  const tries = () => triesOf(host);
  const second = await breakAndFreeze(scene);
  const before = await tries();
  await expect.poll(tries, { timeout: 20_000 }).toBeGreaterThan(before + 1);
  expect(await host.read("/etc/app/conf")).toBe("two\n");
  await gitopper.restart();
  const restarted = await tries();
  await expect.poll(tries, { timeout: 20_000 }).toBeGreaterThan(restarted + 1);
  expect(await host.read("/etc/app/conf")).toBe("two\n");

  await addService(host, "app", { readsFile: "/etc/app/conf" });
  await gitopper.until("app", ({ state, hash }) => state === "FREEZE" && hash === second);
  expect(await events(host, "app")).toContain("reload two");
  expect(await events(host, "app")).not.toContain("reload one");
});

test("a BROKEN service that is frozen keeps its files when a try is cut off", async () => {
  const execReload =
    "/bin/sh -c 'echo tried; test ! -e /run/slow || sleep infinity; ! grep -q two /etc/app/conf'";
  await using scene = await aScene(stubborn(execReload));
  const { host, gitopper } = scene;
  const tries = () => triesOf(host);
  await breakAndFreeze(scene);

  await host.write("/run/slow", "");
  const hangs = () => host.run(["pgrep", "--full", "^sleep infinity$"], { allowFailure: true });
  await expect.poll(async () => (await hangs()).status, { timeout: 20_000 }).toBe(0);
  await gitopper.kill9();
  await host.sh("rm /run/slow && systemctl restart app");
  await gitopper.start();
  const restarted = await tries();
  await expect.poll(tries, { timeout: 20_000 }).toBeGreaterThan(restarted + 1);
  expect(await host.read("/etc/app/conf")).toBe("two\n");
  expect(await events(host, "app")).not.toContain("reload one");
});

/** Every reconcile tries the reload again, and the files stay. */
function stubborn(execReload: string): SceneOptions {
  return { unit: { execReload }, service: { on_failure: "stay" }, gitopper: { duration: "1s" } };
}

/** How often the unit was reloaded. */
async function triesOf(host: Scene["host"]): Promise<number> {
  return (await events(host, "app")).filter((event) => event === "tried").length;
}

/** Answers the commit that the unit refuses. */
async function breakAndFreeze({ host, gitopper, upstream }: Scene): Promise<string> {
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash !== "");
  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.until("app", ({ state }) => state === "BROKEN");
  await gitopper.ctl("state", "freeze", "@", "app");
  return second;
}
