import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import { events, untilEvent } from "../host/unit.ts";

const unitFile = (install: string) =>
  `[Unit]\nAfter=gitopper.service\n[Service]\nType=exec\nStandardOutput=append:/var/log/%N.events
ExecStartPre=/usr/local/sbin/record-event start\nExecStart=/bin/sleep infinity
ExecReload=/usr/local/sbin/record-event reload\n${install}`;

test("a unit that gitopper started runs after a reboot, or status and doctor say that it does not", async () => {
  await using scene = await aScene({
    files: {
      "app/etc/conf": "one\n",
      "own/own.service": unitFile("[Install]\nWantedBy=multi-user.target\n"),
      "static/conf": "one\n",
    },
    more: [
      aMore("own", { local: "/etc/systemd/system/own.service", link: "own/own.service", file: true }),
      aMore("static", { local: "/etc/static", link: "static" }),
    ],
    unit: { extra: "[Unit]\nAfter=gitopper.service\n" },
    prepare: ({ host }) => host.write("/etc/systemd/system/static.service", unitFile("")),
  });
  const { host, gitopper } = scene;
  await untilEvent(host, "app", "start one");
  for (const name of ["app", "own", "static"])
    await gitopper.until(name, ({ state, hash }) => state === "OK" && hash !== "");

  const remedy = "it has no [Install] section; add one with WantedBy=multi-user.target, and enable it";
  const says = `nothing starts static.service at boot: ${remedy}`;
  await gitopper.until("static", ({ stateinfo }) => stateinfo === says);
  expect(await host.sh("systemctl is-enabled app own")).toBe("enabled\nenabled");
  const { stdout } = await gitopper.tryCtl("doctor", "@");
  expect(stdout.replace(/\s+/g, " ")).toContain(
    `warning service static nothing starts static.service at boot → ${remedy}`,
  );

  await host.reboot();
  await gitopper.until("own", ({ state }) => state === "OK");
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");
  expect((await events(host, "app")).filter((event) => event.startsWith("start"))).toHaveLength(2);
  await host.sh("until systemctl is-active --quiet app own; do sleep 0.1; done", { timeoutMs: 30_000 });
});

function aMore(service: string, dir: { local: string; link: string; file?: boolean }) {
  return { machine: "alpha", service, action: "reload", dirs: [dir] };
}
