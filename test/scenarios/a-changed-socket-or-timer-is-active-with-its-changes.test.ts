import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import { addService, untilEvent } from "../host/unit.ts";

const socketUnit = (path: string) => `[Socket]\nListenStream=${path}\n[Install]\nWantedBy=sockets.target\n`;
const timerUnit = (time: string) => `[Timer]\nOnCalendar=*-*-* ${time}\n[Install]\nWantedBy=timers.target\n`;

test("a socket and a timer whose services run are active with their new files", async () => {
  await using scene = await aScene({
    files: {
      "app/etc/conf": "one\n",
      "door/door.socket": socketUnit("/run/door-one"),
      "clock/clock.timer": timerUnit("01:00:00"),
    },
    more: [aUnitOf("door.socket", "door"), aUnitOf("clock.timer", "clock")],
    prepare: async ({ host }) => {
      for (const name of ["door", "clock"]) {
        await addService(host, name);
        await host.run(["systemctl", "start", name]);
      }
    },
  });
  const { host, gitopper, upstream } = scene;
  const names = ["door.socket", "clock.timer"];
  const isUp = async () =>
    (await host.sh(`systemctl is-active ${names.join(" ")} door clock`)).replaceAll("\n", " ");
  for (const name of names) await gitopper.until(name, ({ state, hash }) => state === "OK" && hash !== "");
  expect(await isUp()).toBe("active active active active");
  expect(await host.exists("/run/door-one")).toBe(true);

  const second = await upstream.commit({
    "door/door.socket": socketUnit("/run/door-two"),
    "clock/clock.timer": timerUnit("02:00:00"),
  });
  for (const name of names) await gitopper.pull(name);
  for (const name of names)
    await gitopper.until(name, ({ state, hash }) => state === "OK" && hash === second);
  expect(await isUp()).toBe("active active active active");
  expect(await host.sh("systemctl show --value --property=Listen door.socket")).toContain("/run/door-two");
  expect(await host.exists("/run/door-two")).toBe(true);
  expect(await host.sh("systemctl show --value --property=TimersCalendar clock.timer")).toContain("02:00:00");
  await untilEvent(host, "door", "stop");
});

function aUnitOf(service: string, name: string) {
  const local = `/etc/systemd/system/${service}`;
  const dirs = [{ local, link: `${name}/${service}`, file: true }];
  return { machine: "alpha", service, action: "restart", dirs };
}
