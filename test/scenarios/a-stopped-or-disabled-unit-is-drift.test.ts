import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import { eventTextsAfter, lastEventId, untilDeployed } from "../builders/service-events.ts";
import { addService, events } from "../host/unit.ts";

const stopped = "drift: the unit is stopped";
const disabled = "drift: the unit is disabled";
const older = "drift: the unit runs with older files than those on disk";

test("a unit that is stopped by hand is drift until it is started, and stays stopped with a new commit", async () => {
  await using scene = await aScene();
  const { host, gitopper, upstream } = scene;
  const deployed = await untilDeployed(scene);

  await host.run(["systemctl", "stop", "app"]);
  expect(await eventTextsAfter(gitopper, deployed, 1)).toEqual([`OK: ${stopped}`]);
  const hash = await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.pull("app");
  const { info } = await gitopper.untilReason("app", "unit-stopped", ({ commit }) => commit === hash);
  expect(info).toBe(stopped);
  expect(await events(host, "app")).toEqual(["start one", "stop"]);

  const told = await lastEventId(gitopper);
  await host.run(["systemctl", "start", "app"]);
  expect(await eventTextsAfter(gitopper, told, 1)).toEqual([`OK, cleared: ${stopped}`]);
});

test("a unit that was enabled and is disabled is drift, over a restart of the daemon, until the next deployment", async () => {
  await using scene = await aScene({
    prepare: ({ host }) => host.run(["systemctl", "enable", "--quiet", "app"]),
  });
  const { host, gitopper, upstream } = scene;
  const deployed = await untilDeployed(scene);

  await host.run(["systemctl", "disable", "--quiet", "app"]);
  expect(await eventTextsAfter(gitopper, deployed, 1)).toEqual([`OK: ${disabled}`]);
  await gitopper.restart();
  await gitopper.pull("app");
  await gitopper.until("app", (row) => row.stateinfo === disabled);
  await gitopper.untilReason("app", "unit-drift");

  await host.run(["systemctl", "enable", "--quiet", "app"]);
  await gitopper.untilReason("app", null);
  await host.run(["systemctl", "disable", "--quiet", "app"]);
  await gitopper.until("app", (row) => row.stateinfo === disabled);
  const hash = await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.pull("app");
  await gitopper.untilReason("app", null, ({ commit }) => commit === hash);
});

test("an instance of a template that is disabled by hand is drift", async () => {
  await using scene = await aScene({
    service: { service: "app@1" },
    prepare: ({ host }) => addService(host, "app@1", { readsFile: "/etc/app/conf" }),
  });
  const { host, gitopper } = scene;
  await gitopper.until("app@1", (row) => row.state === "OK" && row.hash !== "");
  await host.run(["systemctl", "disable", "--quiet", "app@1"]);
  await gitopper.until("app@1", (row) => row.stateinfo === disabled);
});

test("units that stop during a shutdown of the host are not reported", async () => {
  const after = "[Unit]\nAfter=gitopper.service\nWants=gitopper.service";
  await using scene = await aScene({
    unit: { extra: after },
    prepare: async ({ host }) => {
      // The daemon is stopped last, after this one, and has the time to see that `app` has gone.
      await addService(host, "slow", { extra: `ExecStop=/bin/sleep 2\n${after}` });
      await host.run(["systemctl", "enable", "--quiet", "--now", "app", "slow"]);
    },
  });
  const { host, gitopper } = scene;
  await gitopper.until("app", (row) => row.state === "OK" && row.hash !== "");
  const deployed = await lastEventId(gitopper);
  await host.reboot();
  await gitopper.pull("app");
  await gitopper.untilReason("app", null);
  await gitopper.post("/api/v1/services/app/freeze", { reason: "the last" });
  const told = await eventTextsAfter(gitopper, deployed, (await lastEventId(gitopper)) - deployed);
  expect(told.at(-1)).toMatch(/the last$/);
  expect(told.filter((text) => /the unit/.test(text))).toEqual([]);
});

test("a unit that ran disabled before gitopper stays disabled, without a report", async () => {
  await using scene = await aScene({
    prepare: async ({ host }) => {
      await host.write("/etc/app/conf", "one\n");
      await host.run(["systemctl", "start", "app"]);
    },
  });
  const { gitopper } = scene;
  const deployed = await untilDeployed(scene);
  await gitopper.pull("app");
  await gitopper.until("app", ({ state }) => state === "OK");
  expect((await gitopper.details("app")).reason).toBeNull();
  expect(await lastEventId(gitopper)).toBe(deployed);
});

test("an edit that the unit has not read is reported until the unit is reloaded", async () => {
  await using scene = await aScene();
  const { host, gitopper } = scene;
  await untilDeployed(scene);
  const edit = "drift: 1 local edit: app/etc/conf";
  await untilNextSecond(host);
  await host.write("/etc/app/conf", "mine\n");
  await gitopper.pull("app");
  await gitopper.until("app", (row) => row.stateinfo === `${edit}; ${older.replace("drift: ", "")}`);

  await untilNextSecond(host);
  await host.run(["systemctl", "reload", "app"]);
  await gitopper.until("app", (row) => row.stateinfo === edit);
});

test("a unit file that systemd has not read is reported until systemd reads it", async () => {
  await using scene = await aScene();
  const { host, gitopper } = scene;
  await untilDeployed(scene);
  await host.sh("echo '# touched' >>/etc/systemd/system/app.service");
  await gitopper.pull("app");
  await gitopper.until("app", (row) => row.stateinfo === older);
  await host.run(["systemctl", "daemon-reload"]);
  await gitopper.untilReason("app", null);
});

test("a unit whose file is gone is BROKEN", async () => {
  await using scene = await aScene();
  const { host, gitopper } = scene;
  await untilDeployed(scene);
  await host.sh("systemctl stop app; rm /etc/systemd/system/app.service; systemctl daemon-reload");
  const row = await gitopper.until("app", ({ state }) => state === "BROKEN");
  expect(row.stateinfo).toBe("the unit does not exist");
  await gitopper.untilReason("app", "unit-missing");
});

/** systemd's times are whole seconds. */
async function untilNextSecond(host: { sh(script: string): Promise<string> }): Promise<void> {
  await host.sh("now=$(date +%s); while [ $(date +%s) = $now ]; do sleep 0.05; done");
}
