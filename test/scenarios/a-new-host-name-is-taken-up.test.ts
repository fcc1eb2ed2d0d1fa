import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";

test("a host that gets its name after the start gets its services, and doctor sees a name that fits none", async () => {
  await using scene = await aScene({ prepare: ({ host }) => host.sh("hostname localhost") });
  const { host, gitopper } = scene;
  expect(await gitopper.services()).toEqual([]);
  const pid = await gitopper.mainPid();

  await host.sh("hostname alpha");
  await gitopper.until("app", (row) => row.state === "OK" && row.hash !== "", { timeoutMs: 60_000 });
  expect(await host.read("/etc/app/conf")).toBe("one\n");
  expect(await gitopper.mainPid()).toBe(pid);

  await host.sh("hostname elsewhere");
  const { status, stdout } = await gitopper.tryCtl("doctor", "@");
  expect(status).not.toBe(0);
  expect(stdout).toContain("the host is called elsewhere now");
  expect((await gitopper.services()).map(({ service }) => service)).toEqual(["app"]);
});
