import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";

const target = "/etc/app.conf";

test("a replacement of a mount that was cut off half-way ends with one mount", async () => {
  await using scene = await aScene({
    files: { "app/etc/conf": "one\n", "app/etc/other": "other\n" },
    unit: { readsFile: target },
    service: { dirs: [{ local: target, link: "app/etc/conf", file: true }] },
  });
  const { host, gitopper } = scene;
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash !== "");
  await gitopper.kill9();
  await gitopper.stop();
  // The new one is beneath the old one, as it is between the two calls that replace it.
  await host.run(["mount", "--bind", "/srv/gitopper/app/app/etc/other", target]);

  await gitopper.start();
  await expect.poll(() => host.read(target), { timeout: 20_000 }).toBe("one\n");
  expect(await host.sh(`grep -c ' ${target} ' /proc/self/mountinfo`)).toBe("1");
});
