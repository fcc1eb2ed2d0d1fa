import { expect, test } from "vitest";
import { type Readings, readerScript, textOf } from "../builders/reader.ts";
import { aScene } from "../builders/scene.ts";
import { poll } from "../host/poll.ts";
import { startInHost } from "../host/process.ts";

const names = Array.from({ length: 200 }, (_, index) => `d${index % 5}/file${index}`);
const filesOf = (generation: number) =>
  Object.fromEntries(names.map((name) => [`app/etc/${name}`, textOf(generation)]));
const deployments = 50;

test("readers of 200 mounted files see old or new content, whole, during 50 deployments", async () => {
  await using scene = await aScene({
    files: { "app/etc/conf": "one\n", ...filesOf(0) },
    unit: { readsFile: "/etc/app/conf" },
  });
  const { host, gitopper, upstream } = scene;
  await gitopper.until("app", (row) => row.state === "OK" && row.hash !== "");
  const paths = names.map((name) => `/etc/app/${name}`);
  const reader = await startInHost(host, [process.execPath, "--eval", readerScript, ...paths]);
  await poll(
    () => reader.output(),
    (text) => text.includes("reads"),
    { everyMs: 50, timeoutMs: 10_000, failure: () => reader.output() },
  );
  const alone = await host.sh("stat -c %i /etc/app/conf");

  for (let generation = 1; generation <= deployments; generation += 1) {
    const commit = await upstream.commit(filesOf(generation));
    await gitopper.pull("app");
    await gitopper.until("app", (row) => row.hash === commit && row.state === "OK");
  }
  reader.signal("SIGTERM");
  await reader.ended;
  const seen = JSON.parse(reader.output().trim().split("\n").at(-1) ?? "") as Readings;
  expect(seen).toMatchObject({ bad: 0, firstBad: null });
  // Else it has seen nothing of what happened.
  expect(seen.generations).toBeGreaterThan(deployments / 2);
  expect(await host.sh("stat -c %i /etc/app/conf")).toBe(alone);
  expect(await host.sh("ls -A /srv/gitopper")).toBe("app");
  expect(await host.sh("git -c safe.directory='*' -C /srv/gitopper/app status --porcelain")).toBe("");
}, 300_000);
