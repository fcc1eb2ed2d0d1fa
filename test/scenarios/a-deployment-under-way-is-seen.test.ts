import { expect, test } from "vitest";
import { detailsReply } from "../../src/api/shapes.ts";
import { aScene } from "../builders/scene.ts";
import { pullAndWait } from "../builders/verdicts.ts";
import type { Gitopper } from "../host/gitopper.ts";

test("a deployment says what it does and how the service is; without a commit nothing is OK", async () => {
  const health = [{ command: ["grep", "-q", ".", "/etc/app/conf"], interval: "100ms" }];
  await using scene = await aScene({ service: { settle: "3s", health } });
  const { upstream, gitopper } = scene;
  // While the first one settles.
  await expect.poll(() => deployingOf(gitopper), { timeout: 20_000 }).toMatchObject({ step: "health" });
  expect((await gitopper.services())[0]).toMatchObject({ hash: "", state: "DIFF" });
  await gitopper.until("app", ({ hash, state }) => state === "OK" && hash !== "");

  const response = await fetch(`http://${gitopper.address}/api/v1/events`);
  const told = textsUntil(response, "deployment-ended");
  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  const pulled = pullAndWait(gitopper, "app");
  await expect
    .poll(() => deployingOf(gitopper), { timeout: 20_000 })
    .toMatchObject({
      ...{ commit: second, trigger: "pull", step: "health" },
      probe: expect.stringMatching(/^healthy \d\/3 s$/),
    });
  const page = await gitopper.tryCtl("describe", "app", "@");
  expect(page.stdout).toMatch(/^Under way +deploying [0-9a-f]{8}: health, healthy \d\/3 s$/m);
  const [row] = await gitopper.services();
  expect(row?.stateinfo).toMatch(/^deploying [0-9a-f]{8}: health, healthy \d\/3 s$/);
  expect((await gitopper.get("/metrics")).text).toContain(
    `gitopper_service_deploying_seconds{service="app",hash="${second}",step="health"}`,
  );
  const waited = await pulled;
  expect(waited).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^app is OK .*; done: fetched · live · reloaded · healthy\n$/),
  });
  for (const step of ["publish", "unit (systemctl reload)", "health"])
    expect(waited.stderr).toContain(`gitopperctl: app: deploying ${second.slice(0, 8)}: ${step}\n`);
  expect(await deployingOf(gitopper)).toBeNull();
  const steps = ["fetch", "publish", "unit (systemctl reload)", "health", "health, healthy 2/3 s"];
  expect(await told).toEqual(expect.arrayContaining(steps));
});

async function deployingOf(gitopper: Gitopper) {
  const { json } = await gitopper.get("/api/v1/services");
  return detailsReply.parse(json).services[0]?.deploying ?? null;
}

/** The texts of progress in a stream, until an event of a type. */
async function textsUntil(response: Response, end: string): Promise<string[]> {
  const texts: string[] = [];
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines.filter((line) => line.startsWith("data: "))) {
      const row = JSON.parse(line.slice("data: ".length)) as { type: string; text: string };
      if (row.type === "progress") texts.push(row.text);
      if (row.type === end) return texts;
    }
  }
  return texts;
}
