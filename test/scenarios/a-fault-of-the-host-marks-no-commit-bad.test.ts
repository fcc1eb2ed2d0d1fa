import { expect, test } from "vitest";
import { aScene, type Scene } from "../builders/scene.ts";
import { untilDeployed } from "../builders/service-events.ts";
import { deploymentsOf, pullAndWait } from "../builders/verdicts.ts";
import { configPath, gitopperBin } from "../host/gitopper-unit.ts";
import { events, untilEvent } from "../host/unit.ts";

/** Pushes new content, and comes back when the service has been tried with it. */
async function push({ upstream, gitopper }: Scene, content: string): Promise<string> {
  const commit = await upstream.commit({ "app/etc/conf": `${content}\n` });
  await pullAndWait(gitopper, "app");
  return commit;
}

const isAt = (commit: string) => (row: { state: string; hash: string }) =>
  row.state === "OK" && row.hash === commit;

test("a unit that was started too often is started with the new commit all the same", async () => {
  await using scene = await aScene({
    unit: { extra: "[Unit]\nStartLimitIntervalSec=1h\nStartLimitBurst=1" },
    service: { action: "restart", settle: "0s" },
  });
  const { host, gitopper } = scene;
  await untilDeployed(scene);

  const second = await push(scene, "two");
  await gitopper.until("app", isAt(second));
  expect(await events(host, "app")).toEqual(["start one", "stop", "start two"]);
  expect((await deploymentsOf(gitopper, "app")).map(({ result }) => result)).toEqual(["done", "done"]);

  // A bad one uses up all of the limit; the way back is not kept out by it.
  await host.write(
    "/etc/systemd/system/app.service.d/bad.conf",
    "[Service]\nRestart=always\nRestartSec=10ms\nExecStartPre=/bin/sh -c '! grep -q bad /etc/app/conf'\n",
  );
  await host.run(["systemctl", "daemon-reload"]);
  await push(scene, "bad");
  const row = await gitopper.until("app", ({ state }) => state === "DIFF");
  expect(row.hash).toBe(second);
  expect(await host.sh("systemctl is-active app")).toBe("active");
});

test("a unit that is masked, or gone for a moment, gets the commit when it is back", async () => {
  await using scene = await aScene({ service: { action: "restart", settle: "0s" } });
  const { host, gitopper } = scene;
  await untilDeployed(scene);

  await host.sh("mv /etc/systemd/system/app.service /root/; systemctl daemon-reload");
  const second = await push(scene, "two");
  const gone = await gitopper.untilReason("app", "unit-missing");
  // Its files are in place, and are what it starts with when it is back.
  expect(gone).toMatchObject({ state: "BROKEN", commit: second });
  expect(gone.info).toBe(
    `Cannot restart "app": the unit does not exist; install what brings app.service, or correct the service's name`,
  );
  await host.sh("mv /root/app.service /etc/systemd/system/; systemctl daemon-reload");
  await gitopper.until("app", isAt(second));
  await untilEvent(host, "app", "start two");

  await host.run(["systemctl", "mask", "--runtime", "app"]);
  await host.sh("mv /etc/systemd/system/app.service /root/; systemctl daemon-reload");
  const third = await push(scene, "three");
  const masked = await gitopper.untilReason("app", "unit-missing");
  expect(masked.state).toBe("BROKEN");
  expect(masked.info).toBe(`Cannot restart "app": the unit is masked; run "systemctl unmask app.service"`);
  await host.sh("mv /root/app.service /etc/systemd/system/; systemctl unmask --runtime app");
  await gitopper.until("app", isAt(third));
  await untilEvent(host, "app", "start three");
});

test("a unit that cannot reload is reported from the start, and gets the commit when it can", async () => {
  await using scene = await aScene({ unit: { execReload: "" }, service: { settle: "0s" } });
  const { host, gitopper } = scene;
  await untilDeployed(scene);
  const says =
    'app.service cannot reload (it has no ExecReload=): set action = "restart" or "reload-or-restart", or add ExecReload= to the unit';
  await gitopper.until("app", ({ state, stateinfo }) => state === "OK" && stateinfo === says);
  expect(await host.sh(`${gitopperBin} --check -c ${configPath}`)).toContain(says);

  const second = await push(scene, "two");
  const row = await gitopper.until("app", ({ state }) => state === "BROKEN");
  expect(row.stateinfo).toBe(`Cannot reload "app": ${says}`);
  const { stdout, status } = await gitopper.tryCtl("doctor", "@");
  expect([status, stdout.replace(/\s+/g, " ")]).toEqual([1, expect.stringContaining(says)]);

  await host.write(
    "/etc/systemd/system/app.service.d/reload.conf",
    "[Service]\nExecReload=/usr/local/sbin/record-event reload /etc/app/conf\n",
  );
  await host.run(["systemctl", "daemon-reload"]);
  await gitopper.until("app", isAt(second));
  expect(await events(host, "app")).toEqual(["start one", "reload two"]);
});
