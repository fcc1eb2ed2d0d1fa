import { expect, test } from "vitest";
import { deploymentsReply } from "../../src/api/shapes.ts";
import { aScene } from "../builders/scene.ts";
import { events, untilEvent } from "../host/unit.ts";

test("a mount that went away, or is covered by another, is mounted again", async () => {
  await using scene = await aScene();
  const { host, gitopper } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", (row) => row.state === "OK");

  await host.run(["umount", "/etc/app"]);
  await gitopper.pull("app");
  await untilEvent(host, "app", "reload one");
  expect(await host.read("/etc/app/conf")).toBe("one\n");

  await host.write("/srv/stranger/conf", "stranger\n");
  await host.run(["mount", "--bind", "/srv/stranger", "/etc/app"]);
  await gitopper.pull("app");
  await expect.poll(() => host.read("/etc/app/conf"), { timeout: 20_000 }).toBe("one\n");
  await expect
    .poll(() => events(host, "app"), { timeout: 20_000 })
    .toEqual(["start one", "reload one", "reload one"]);
  await gitopper.until("app", (row) => row.state === "OK");
  expect(await host.sh("grep -c ' /etc/app ' /proc/self/mountinfo")).toBe("1");
});

test("a checkout that was removed by hand is made again, and mounted", async () => {
  await using scene = await aScene();
  const { host, gitopper } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", (row) => row.state === "OK");

  await host.run(["rm", "--recursive", "--force", "/srv/gitopper/app"]);
  await gitopper.pull("app");
  await untilEvent(host, "app", "reload one");
  await gitopper.untilReason("app", null);
  expect(await host.sh("cat /etc/app/conf /srv/gitopper/app/app/etc/conf")).toBe("one\none");
});

test.each([
  ["unmounted", "umount /opt/app/etc"],
  ["covered", "mount -t tmpfs tmpfs /opt/app/etc"],
  ["covered from above", "mount -t tmpfs tmpfs /opt/app"],
])("a mount that is %s comes back by itself", async (_, script) => {
  await using scene = await aScene({
    service: { dirs: [{ local: "/opt/app/etc", link: "app/etc" }] },
    unit: { readsFile: "/opt/app/etc/conf" },
  });
  const { host, gitopper } = scene;
  await gitopper.until("app", (row) => row.state === "OK" && row.hash !== "");

  await host.sh(script);
  await untilEvent(host, "app", "reload one");
  await gitopper.untilReason("app", null);
  expect(await host.sh("cat /opt/app/etc/conf; tail -1 /proc/self/mountinfo | cut -d' ' -f5")).toBe(
    "one\n/opt/app/etc",
  );
  const results = async () => {
    const { json } = await gitopper.get("/api/v1/services/app/deployments");
    return deploymentsReply.parse(json).deployments.map(({ trigger, result }) => `${trigger} ${result}`);
  };
  // The unit gets its verb before the history gets the result.
  await expect.poll(results, { timeout: 20_000 }).toEqual(["heal done", "poll done"]);
});
