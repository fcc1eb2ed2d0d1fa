import { expect, test } from "vitest";
import { aScene, type Scene } from "../builders/scene.ts";
import { pullAndWait, wayBack } from "../builders/verdicts.ts";
import { events, untilEvent } from "../host/unit.ts";

/** With a file that has `dies` it dies after a second, whenever it reads it, and systemd starts it again. */
const extra = `ExecStart=
ExecStart=/bin/sh -c 'while ! grep -q dies /etc/app/conf; do sleep 0.1; done; sleep 1; echo no space left; exit 3'
Restart=always
RestartSec=3s
[Unit]
StartLimitIntervalSec=0`;
const settleMs = 6_000;

test.each(["restart", "reload"])("a commit that crashes its unit is rolled back, with %s", async (action) => {
  const service = { action, settle: `${settleMs / 1_000}s` };
  await using scene = await aScene({ unit: { extra }, service, prepare: ({ host }) => hasFiles(host) });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  const { hash: first } = await gitopper.until("app", ({ state, hash }) => state === "OK" && hash !== "");
  const bad = await upstream.commit({ "app/etc/conf": "dies\n" });
  await pullAndWait(gitopper, "app");

  const row = await gitopper.until("app", ({ state }) => state === "DIFF");
  expect(row.hash).toBe(first);
  // It is detected at the first crash, before the end of the stability window.
  const { info } = await gitopper.untilReason("app", "rolled-back");
  expect(info).toMatch(
    / [0-9a-f]{8}: unit app (ended within [1-4]s: Result=exit-code, status 3|restarted 1 time within [1-4]s)$/,
  );
  expect(await host.sh("systemctl is-active app")).toBe("active");
  expect((await events(host, "app")).at(-1)).toBe("start one");
  const way = await wayBack(gitopper, "app", settleMs);
  expect(way.bad).toMatchObject({ to: bad, failedAt: "health" });
  expect(way.bad.journal).toMatch(/status=3/);
});

/** It starts before it has its files. */
async function hasFiles(host: Scene["host"]): Promise<void> {
  await host.write("/etc/app/conf", "none yet\n");
}
