import { expect, test } from "vitest";
import type { WindowFile } from "../../src/config/file.ts";
import { aConfig, aService } from "../builders/config.ts";
import { aScene } from "../builders/scene.ts";
import { gitopperBin } from "../host/gitopper-unit.ts";
import { addService, events, untilEvent } from "../host/unit.ts";

const web = aService({ service: "web", dirs: [{ local: "/etc/web", link: "app/etc" }] });

/** A window that denies from some minutes ago and for hours, whatever the time is. */
function denyingNow(overrides: WindowFile = {}): WindowFile {
  const begun = new Date(Date.now() - 5 * 60_000);
  const start = `${begun.getUTCMinutes()} ${begun.getUTCHours()} * * *`;
  return { name: "release week", kind: "deny", start, duration: "6h", services: ["app"], ...overrides };
}

const rendered =
  /^waiting for a window \("release week" denies\): [0-9a-f]{8} will be deployed at \d{4}-\d\d-\d\d \d\d:\d\d UTC$/;

test("a commit that comes while a window denies waits, is replaced, and goes in at once when overridden", async () => {
  await using scene = await aScene({
    more: [web],
    prepare: ({ host }) => addService(host, "web", { readsFile: "/etc/web/conf" }),
  });
  const { host, gitopper, upstream, served } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");
  const first = await upstream.head();
  const config = aConfig(served.url, [aService(), web], {}, [denyingNow()]);
  await gitopper.writeConfig(config);
  await gitopper.restart();

  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.pull("app");
  await gitopper.pull("web");
  await gitopper.until("web", (row) => row.hash === second && row.state === "OK");
  const waitsFor = (wanted: string) =>
    gitopper.untilReason("app", "waiting-for-window", ({ waiting }) => waiting?.commit === wanted);
  const waits = await waitsFor(second);
  expect(waits).toMatchObject({ commit: first, state: "OK", info: expect.stringMatching(rendered) });
  expect(waits.info).toContain(second.slice(0, 8));

  const third = await upstream.commit({ "app/etc/conf": "three\n" });
  await gitopper.pull("app");
  await waitsFor(third);
  await gitopper.restart();
  await waitsFor(third);
  expect(await host.read("/etc/app/conf")).toBe("one\n");

  const body = { overrideWindow: true, reason: "security fix" };
  const reply = await gitopper.post("/api/v1/services/app/pull", body);
  expect(reply).toMatchObject({ status: 200 });
  await gitopper.untilReason("app", null, ({ commit }) => commit === third);
  expect(await host.read("/etc/app/conf")).toBe("three\n");
  // A restart of the daemon runs no verb: the unit's files were there all the time.
  expect((await events(host, "app")).filter((event) => /one|two|three/.test(event))).toEqual([
    "start one",
    "reload three",
  ]);
});

test("the first deployment, a rollback and a missing mount never wait for a window", async () => {
  await using scene = await aScene({
    prepare: ({ upstream }) => upstream.commit({ "app/etc/conf": "two\n" }),
    windows: [denyingNow()],
  });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start two");
  const second = await upstream.head();
  const first = await upstream.head("main~1");
  await gitopper.untilReason("app", null, ({ commit }) => commit === second);

  await upstream.commit({ "app/etc/conf": "three\n" });
  await gitopper.pull("app");
  await gitopper.untilReason("app", "waiting-for-window");
  await host.run(["umount", "/etc/app"]);
  await gitopper.pull("app");
  await expect.poll(() => host.sh("cat /etc/app/conf || true"), { timeout: 20_000 }).toBe("two");

  await gitopper.ctl("state", "rollback", "@", "app", first);
  await gitopper.until("app", (row) => row.hash === first && row.state === "FREEZE");
  expect(await host.read("/etc/app/conf")).toBe("one\n");
});

test("--check prints the windows of each service", async () => {
  const windows = [denyingNow({ start: "0 0 L * *", duration: "24h", timezone: "Europe/Amsterdam" })];
  await using scene = await aScene({ more: [web], windows });
  const { stdout } = await scene.host.run([gitopperBin, "-c", "/etc/gitopper/config.toml", "--check"]);
  const blocks = stdout.split(/^(?=\w+$)/m);
  const line = '  let no commits in from 0 0 L * * Europe/Amsterdam for 24h ("release week")\n';
  expect(blocks.find((block) => block.startsWith("app\n"))).toContain(line);
  expect(blocks.find((block) => block.startsWith("web\n"))).not.toContain("let no commits in");
});
