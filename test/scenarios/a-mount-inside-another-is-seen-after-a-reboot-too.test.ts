import { expect, test } from "vitest";
import { aService } from "../builders/config.ts";
import { aScene, type Scene } from "../builders/scene.ts";
import { addService } from "../host/unit.ts";

const files = { "app/etc/conf": "one\n", "app/etc/conf.d/own": "own\n", "app/parts/part": "part\n" };
// The inner one comes first, so that the order of the config does not help.
const inner = { local: "/etc/app/conf.d", link: "app/parts" };
const outer = { local: "/etc/app", link: "app/etc" };

test("a mount inside another of the service is seen, is no drift, and is there after a reboot", async () => {
  await using scene = await aScene({ files, service: { dirs: [inner, outer] } });
  await expectBoth(scene);
  await scene.host.reboot();
  await expectBoth(scene);
});

test("a mount inside that of another service is seen, is no drift, and is there after a reboot", async () => {
  await using scene = await aScene({
    files,
    service: { dirs: [outer] },
    more: [aService({ service: "a-part", dirs: [inner] })],
    prepare: ({ host }) => addService(host, "a-part"),
  });
  await expectBoth(scene);
  await scene.host.reboot();
  await expectBoth(scene);
});

/** After a push, so that everything that there is to do has been done. */
async function expectBoth({ host, gitopper, upstream }: Scene): Promise<void> {
  for (const { service } of await gitopper.services())
    await gitopper.until(service, (row) => row.hash !== "");
  const tip = await upstream.commit({ "other/file": String(Math.random()) });
  await gitopper.pull("app");
  for (const { service } of await gitopper.services())
    await gitopper.until(service, (row) => row.hash === tip && row.state === "OK");
  expect(await host.sh("cat /etc/app/conf /etc/app/conf.d/part; ls /etc/app/conf.d")).toBe("one\npart\npart");
  // A unit that is not enabled does not come back with a reboot, which is drift of another kind.
  const infos = (await gitopper.services()).map(({ stateinfo }) => stateinfo);
  expect(infos.filter((info) => info !== "" && info !== "drift: the unit is stopped")).toEqual([]);
  expect(await host.sh("ls /srv/gitopper/app/app/etc/conf.d")).toBe("own");
}
