import { expect, test } from "vitest";
import { aScene, type Scene } from "../builders/scene.ts";
import { eventTextsAfter, lastEventId, untilDeployed } from "../builders/service-events.ts";
import { events } from "../host/unit.ts";

const kill = (scene: Scene, signal: string) =>
  scene.host.run(["systemctl", "kill", "--kill-who=main", `--signal=${signal}`, "app"]);

test("a unit that is killed is BROKEN, also after the next reconcile; started by hand it is OK", async () => {
  await using scene = await aScene();
  const { host, gitopper } = scene;
  const deployed = await untilDeployed(scene);

  await kill(scene, "KILL");
  expect(await eventTextsAfter(gitopper, deployed, 1)).toEqual([
    "OK → BROKEN: the unit died: signal, SIGKILL",
  ]);
  await gitopper.pull("app");
  const row = await gitopper.until("app", ({ state }) => state === "BROKEN");
  expect(row.stateinfo).toBe("the unit died: signal, SIGKILL");
  await gitopper.untilReason("app", "unit-failed");
  expect(await events(host, "app")).toEqual(["start one"]);

  const broken = await lastEventId(gitopper);
  await host.run(["systemctl", "start", "app"]);
  expect(await eventTextsAfter(gitopper, broken, 1)).toEqual(["BROKEN → OK"]);
  expect(await events(host, "app")).toEqual(["start one", "start one"]);
});

test("a frozen service whose unit dies is BROKEN, and frozen as before when it is back", async () => {
  await using scene = await aScene();
  const { host, gitopper } = scene;
  await untilDeployed(scene);
  await gitopper.ctl("state", "freeze", "@", "app");
  const frozen = await lastEventId(gitopper);
  await kill(scene, "SEGV");
  const [broken] = await eventTextsAfter(gitopper, frozen, 1);
  expect(broken).toMatch(/^FREEZE → BROKEN: the unit died: (?:signal|core-dump), SIGSEGV \(held, by root\)$/);
  await host.run(["systemctl", "start", "app"]);
  expect(await eventTextsAfter(gitopper, frozen + 1, 1)).toEqual(["BROKEN → FREEZE: by root"]);
});

test("a new commit is deployed to a failed unit", async () => {
  await using scene = await aScene();
  const { upstream, host, gitopper } = scene;
  const deployed = await untilDeployed(scene);
  await kill(scene, "KILL");
  await eventTextsAfter(gitopper, deployed, 1);
  const hash = await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.pull("app");
  await gitopper.until("app", (row) => row.state === "OK" && row.hash === hash);
  expect(await events(host, "app")).toEqual(["start one", "start two"]);
});

test("a unit that systemd restarts is BROKEN once, however often it crashes, until it stays active", async () => {
  await using scene = await aScene({
    unit: { extra: "Restart=always\nRestartSec=300ms" },
  });
  const { host, gitopper } = scene;
  const deployed = await untilDeployed(scene);

  for (let death = 1; death <= 3; death++) {
    await kill(scene, "KILL");
    await host.sh(
      `until [ "$(systemctl show --value -p NRestarts -p SubState app | tr -d '\\n')" = ${death}running ]; do sleep 0.05; done`,
    );
  }
  expect(await eventTextsAfter(gitopper, deployed, 2)).toEqual([
    expect.stringMatching(/^OK → BROKEN: the unit died/),
    "BROKEN → OK",
  ]);
  expect(await lastEventId(gitopper)).toBe(deployed + 2);
});

test("a crash loop is reported once", async () => {
  const extra = "Restart=on-failure\nRestartSec=10ms";
  await using scene = await aScene({ unit: { extra } });
  const { host, gitopper } = scene;
  const deployed = await untilDeployed(scene);

  const dropIn = "[Service]\nExecStart=\nExecStart=/bin/false\n";
  await host.write("/run/systemd/system/app.service.d/crash.conf", dropIn);
  await host.run(["systemctl", "daemon-reload"]);
  await kill(scene, "KILL");
  const [told] = await eventTextsAfter(gitopper, deployed, 1);
  expect(told).toMatch(/^OK → BROKEN: the unit died/);
  await host.sh("until systemctl is-failed --quiet app; do sleep 0.05; done");
  await gitopper.pull("app");
  await gitopper.until("app", ({ state }) => state === "BROKEN");
  expect(await lastEventId(gitopper)).toBe(deployed + 1);
});

test("crashes are still noticed after a restart of the bus or of systemd", async () => {
  await using scene = await aScene();
  const { host, gitopper } = scene;
  let last = await untilDeployed(scene);
  for (const anew of [
    ["systemctl", "restart", "dbus"],
    ["systemctl", "daemon-reexec"],
  ]) {
    await host.run(anew);
    await kill(scene, "KILL");
    expect(await eventTextsAfter(gitopper, last, 1)).toEqual(["OK → BROKEN: the unit died: signal, SIGKILL"]);
    await host.run(["systemctl", "start", "app"]);
    expect(await eventTextsAfter(gitopper, last + 1, 1)).toEqual(["BROKEN → OK"]);
    last += 2;
  }
});
