import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import { pullAndWait } from "../builders/verdicts.ts";
import { events, untilEvent } from "../host/unit.ts";

test("the unit gets the strongest verb that a changed path needs, or none", async () => {
  await using scene = await aScene({
    files: { "app/etc/conf": "one\n", "app/etc/unit.conf": "one\n", "app/pages/index.html": "one\n" },
    service: {
      settle: "0s",
      actions: [
        { path: "app/etc/unit.conf", action: "restart" },
        { path: "app/pages", action: "" },
      ],
      dirs: [
        { local: "/etc/app", link: "app/etc" },
        { local: "/srv/pages", link: "app/pages" },
      ],
    },
  });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash !== "");

  const page = await upstream.commit({ "app/pages/index.html": "two\n" });
  await pullAndWait(gitopper, "app");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === page);
  expect(await host.read("/srv/pages/index.html")).toBe("two\n");
  expect(await events(host, "app")).toEqual(["start one"]);

  await upstream.commit({ "app/etc/conf": "two\n", "app/pages/index.html": "three\n" });
  await pullAndWait(gitopper, "app");
  expect(await events(host, "app")).toEqual(["start one", "reload two"]);

  await upstream.commit({ "app/etc/unit.conf": "two\n", "app/etc/conf": "three\n" });
  await pullAndWait(gitopper, "app");
  expect(await events(host, "app")).toEqual(["start one", "reload two", "stop", "start three"]);
});
