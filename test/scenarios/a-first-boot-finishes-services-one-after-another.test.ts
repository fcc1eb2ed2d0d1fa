import { expect, test } from "vitest";
import type { ServiceFile } from "../../src/config/file.ts";
import { aService } from "../builders/config.ts";
import { aScene } from "../builders/scene.ts";
import type { TestHost } from "../host/host.ts";
import { addService, type ServiceOptions } from "../host/unit.ts";

const services = Array.from({ length: 24 }, (_, service) => String(service));
const linkOf = (service: string) => `some/${service}/etc`;

/** A unit `some` or `some@`, of which there are as many as there are services; `last` is more config of the last one. */
async function manyOf(unit: "some-" | "some@", options: ServiceOptions = {}, last: ServiceFile = {}) {
  const names = services.map((service) => `${unit}${service}`);
  const copyUnit = async (host: TestHost) => {
    await addService(host, unit, options);
    if (unit === "some@") return;
    const copies = names.map((name) => `cp ${unit}.service ${name}.service\n`).join("");
    await host.sh(`cd /etc/systemd/system\n${copies}systemctl daemon-reload`);
  };
  const scene = await aScene({
    files: Object.fromEntries(["app/etc", ...services.map(linkOf)].map((link) => [`${link}/conf`, "one\n"])),
    more: services.map((service) =>
      aService({
        service: `${unit}${service}`,
        dirs: [{ local: `/etc/some-${service}`, link: linkOf(service) }],
        ...(service === services.at(-1) && last),
      }),
    ),
    prepare: ({ host }) => copyUnit(host),
  });
  const commit = await scene.upstream.head();
  for (const name of names)
    await scene.gitopper.until(name, (row) => row.state === "OK" && row.hash === commit);
  return { ...scene, names };
}

test("the first unit starts before the last service has its files", async () => {
  const started = "/run/started";
  const check = ["/bin/sh", "-c", `until test -s ${started}; do sleep 0.1; done`];
  const units = { extra: `ExecStartPre=/bin/sh -c 'echo %p >>${started}'` };
  await using scene = await manyOf("some-", units, { check });
  const order = (await scene.host.sh(`cat ${started}`)).trim().split("\n");
  expect(order.toSorted()).toEqual(scene.names.toSorted());
  expect(order[0]).not.toBe(scene.names.at(-1));
});

test("instances of a template are enabled together, and systemd reads its units a few times", async () => {
  await using scene = await manyOf("some@");
  const { host, names } = scene;
  const enabled = (await host.sh(`systemctl is-enabled ${names.join(" ")}`)).trim().split("\n");
  expect(enabled).toEqual(names.map(() => "enabled"));
  const reloads = Number(await host.sh("journalctl --no-pager -u init.scope | grep -c 'Reloading\\.'"));
  expect(reloads).toBeLessThan(names.length);
});
