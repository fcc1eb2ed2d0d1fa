import fc from "fast-check";
import { expect, test } from "vitest";
import { anyRequest } from "../builders/requests.ts";
import { aScene } from "../builders/scene.ts";

const requests = 600;

test("the daemon answers every request without an error of its own, and goes on", async () => {
  await using scene = await aScene();
  const { gitopper, upstream } = scene;
  const first = await upstream.head();
  await gitopper.until("app", (row) => row.hash === first && row.state === "OK");
  const pid = await gitopper.mainPid();

  await fc.assert(
    fc.asyncProperty(anyRequest(["app"]), async ({ method, target, body }) => {
      const { status, text } = await gitopper.request(method, target, body === null ? {} : { body });
      expect({ status, text }).toSatisfy(() => status >= 200 && status < 500);
    }),
    { numRuns: requests, endOnFailure: true },
  );

  expect(await gitopper.mainPid()).toBe(pid);
  await gitopper.post("/state/unfreeze/app");
  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.pull("app");
  await gitopper.until("app", (row) => row.hash === second && row.state === "OK");
});
