import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import { events, untilEvent } from "../host/unit.ts";

/** Each on a small disk of its own. */
const places = {
  "state directory": "/var/lib/gitopper",
  stores: "/var/lib/gitopper/stores",
  checkouts: "/srv/gitopper",
} as const;

const large = "0123456789abcdef".repeat(8_192);

test.each(Object.entries(places))(
  "a full disk under the %s leaves the service running, and it is brought up when there is room",
  async (_, place) => {
    await using scene = await aScene({
      gitopper: { duration: "2s" },
      prepare: ({ host }) => host.sh(`mkdir -p ${place} && mount -t tmpfs -o size=48m tmpfs ${place}`),
    });
    const { host, gitopper, upstream } = scene;
    await untilEvent(host, "app", "start one");
    const first = await upstream.head();
    await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === first);
    const pid = await gitopper.mainPid();

    await host.sh(`dd if=/dev/zero of=${place}/filler bs=4k status=none 2>/dev/null || true`);
    const second = await upstream.commit({ "app/etc/conf": "two\n", "app/etc/large": large });
    const { state, commit } = await gitopper.untilReason("app", "disk-full");
    expect(state).toMatch(/^(DIFF|BROKEN)$/);
    expect(commit).toBe(first);
    expect(await host.read("/etc/app/conf")).toBe("one\n");
    expect(await events(host, "app")).toEqual(["start one"]);
    expect(await gitopper.mainPid()).toBe(pid);

    await host.sh(`rm ${place}/filler`);
    await gitopper.until("app", (row) => row.state === "OK" && row.hash === second);
    expect(await events(host, "app")).toEqual(["start one", "reload two"]);
    expect(await host.read("/etc/app/large")).toBe(large);
    expect(await gitopper.mainPid()).toBe(pid);
  },
);

test("with a full disk the daemon starts, and the files are where they belong", async () => {
  const place = places["state directory"];
  const scene = await aScene({
    gitopper: { duration: "2s" },
    prepare: ({ host }) => host.sh(`mkdir -p ${place} && mount -t tmpfs -o size=48m tmpfs ${place}`),
  });
  await using _ = scene;
  const { host, gitopper } = scene;
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash !== "");
  await gitopper.stop();
  await host.sh("umount /etc/app");
  await host.sh(`dd if=/dev/zero of=${place}/filler bs=4k status=none 2>/dev/null || true`);
  await gitopper.start();
  expect(await host.read("/etc/app/conf")).toBe("one\n");
  // It says so, and its unit reloads when that can be stored.
  await gitopper.untilReason("app", "disk-full");
  expect(await events(host, "app")).toEqual(["start one"]);
  await host.sh(`rm ${place}/filler`);
  await gitopper.until("app", ({ state }) => state === "OK");
  expect(await events(host, "app")).toEqual(["start one", "reload one"]);
});

test.each([places.stores, places.checkouts])("a read-only %s is a reason, and no more", async (place) => {
  await using scene = await aScene({
    gitopper: { duration: "2s" },
    prepare: ({ host }) => host.sh(`mkdir -p ${place} && mount -t tmpfs -o size=48m tmpfs ${place}`),
  });
  const { host, gitopper, upstream } = scene;
  const first = await upstream.head();
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === first);
  await host.sh(`mount -o remount,ro,bind ${place}`);
  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  const { hash, stateinfo } = await gitopper.until(
    "app",
    ({ state }) => state === "DIFF" || state === "BROKEN",
  );
  expect(hash).toBe(first);
  expect(stateinfo).toMatch(/[Rr]ead-only file system/);
  expect(await host.read("/etc/app/conf")).toBe("one\n");
  await host.sh(`mount -o remount,rw,bind ${place}`);
  await gitopper.until("app", (row) => row.state === "OK" && row.hash === second);
  expect(await host.read("/etc/app/conf")).toBe("two\n");
});
