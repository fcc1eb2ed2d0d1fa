import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { configPath, gitopperctlBin } from "../host/gitopper-unit.ts";
import { bootHost, type TestHost } from "../host/host.ts";
import { installPackagedUnit } from "../host/packaged-unit.ts";
import { poll } from "../host/poll.ts";
import { freePort } from "../host/port.ts";
import { addService, untilEvent } from "../host/unit.ts";
import { makeUpstream } from "../host/upstream.ts";

test("the packaged unit becomes ready, mounts for the whole host, is watched, and reloads", async () => {
  await using upstream = await makeUpstream({ files: { "app/etc/conf": "one\n" } });
  const { url } = await upstream.serve();
  await using host = await bootHost({ name: "alpha" });
  await addService(host, "app", { readsFile: "/etc/app/conf" });
  await host.write(configPath, config(url));
  const port = await freePort();
  await installPackagedUnit(host, { port, extra: "WatchdogSec=2s" });

  await host.run(["systemctl", "start", "gitopper"]);
  expect(await show(host, "ActiveState", "StatusText")).toEqual(["active", "1 service"]);
  await untilEvent(host, "app", "start one");
  expect(await host.read("/etc/app/conf")).toBe("one\n");

  const [beat] = await show(host, "WatchdogTimestampMonotonic");
  await untilShown(host, "WatchdogTimestampMonotonic", (now) => Number(now) > Number(beat));

  const [first = ""] = await show(host, "MainPID");
  await host.write(configPath, `${config(url)}\nunknown = 1\n`);
  const refused = await host.run(["systemctl", "reload", "gitopper"], { allowFailure: true });
  expect([refused.status, ...(await show(host, "MainPID"))]).toEqual([1, first]);

  // The new service can be pulled at once, and the API has answered all the time.
  const second = { service: "web", action: "", local: "/etc/web" };
  await host.write(configPath, config(url) + entry(url, second));
  const silence = listenForSilence(port);
  await host.run(["systemctl", "reload", "gitopper"]);
  await host.run([gitopperctlBin, "pull", "web"]);
  await poll(
    () => host.sh("cat /etc/web/conf 2>/dev/null || true"),
    (text) => text === "one",
    { everyMs: 20, timeoutMs: 30_000, failure: () => host.sh("journalctl -u gitopper -n 30 --no-pager") },
  );
  // A start took three seconds.
  expect(await silence.longestMs()).toBeLessThan(1_500);
  expect(await show(host, "MainPID", "StatusText", "NRestarts")).toEqual([first, "2 services", "0"]);

  await upstream.commit({ "app/etc/conf": "two\n" });
  await host.run([gitopperctlBin, "pull", "app"]);
  await untilEvent(host, "app", "reload two");

  await host.run(["kill", "-HUP", first]);
  const [third = ""] = await untilStarted(host, first);
  expect(await show(host, "Result")).toEqual(["success"]);

  await host.run(["kill", "-STOP", third]);
  await untilStarted(host, third);
  expect(await host.sh("journalctl -u gitopper -o cat")).toContain("Watchdog timeout");
});

const entry = (url: string, { service = "app", action = "reload", local = "/etc/app" } = {}): string => `
[[services]]
machine = "alpha"
service = "${service}"
upstream = "${url}"
mount = "/srv/gitopper"
settle = "0s"
action = "${action}"
dirs = [{ local = "${local}", link = "app/etc" }]
`;
const config = (url: string): string => entry(url);

/** Sends requests to the API all the time; returns the longest time without a reply. */
function listenForSilence(port: number) {
  let longestMs = 0;
  const over = new AbortController();
  const asking = (async () => {
    for (let lastMs = performance.now(); !over.signal.aborted; ) {
      const signal = AbortSignal.timeout(5_000);
      const headers = { connection: "close" };
      const ok = await fetch(`http://127.0.0.1:${port}/healthz`, { signal, headers }).then(
        (reply) => reply.ok,
        () => false,
      );
      const now = performance.now();
      longestMs = Math.max(longestMs, now - lastMs);
      if (ok) lastMs = now;
      await setTimeout(5);
    }
  })();
  return {
    async longestMs() {
      over.abort();
      await asking;
      return longestMs;
    },
  };
}

/** Properties of the daemon's unit, in the order of the request. */
async function show(host: TestHost, ...properties: readonly string[]): Promise<string[]> {
  const asked = properties.map((name) => host.sh(`systemctl show --value --property=${name} gitopper`));
  return Promise.all(asked);
}

function untilShown(
  host: TestHost,
  property: string,
  isWanted: (value: string) => boolean,
): Promise<string[]> {
  return poll(
    () => show(host, property),
    ([value = ""]) => isWanted(value),
    {
      everyMs: 100,
      timeoutMs: 30_000,
      failure: async ([value]) =>
        `${property} is ${value}\n${await host.sh("journalctl -u gitopper -n 30 --no-pager")}`,
    },
  );
}

/** Waits until systemd has another daemon that is ready, and answers its process. */
async function untilStarted(host: TestHost, before: string): Promise<string[]> {
  const pid = await untilShown(host, "MainPID", (now) => now !== "0" && now !== before);
  await untilShown(host, "ActiveState", (state) => state === "active");
  return pid;
}
