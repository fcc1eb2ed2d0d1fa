import { expect, test } from "vitest";
import { aConfig, aService } from "../builders/config.ts";
import { configPath, gitopperBin } from "../host/gitopper-unit.ts";
import { bootHost } from "../host/host.ts";
import { poll } from "../host/poll.ts";
import { freePort } from "../host/port.ts";
import { startInHost } from "../host/process.ts";
import { makeUpstream } from "../host/upstream.ts";

const soonMs = 5_000;

test.each([
  ["SIGTERM", "bootstraps", 0],
  ["SIGHUP", "bootstraps", 2],
  ["SIGTERM", "runs", 0],
  ["SIGHUP", "runs", 2],
] as const)("%s while it %s ends it with %i", async (signal, phase, status) => {
  await using upstream = await makeUpstream({ files: { "app/etc/conf": "one\n" } });
  const served = await upstream.serve();
  served.hang();
  await using host = await bootHost({ name: "alpha" });
  await host.write(configPath, aConfig(served.url));
  const bootstrap = ["-c", "config.toml", "-U", served.url, "-M", "/srv/boot"];
  const how = phase === "runs" ? ["-c", configPath] : bootstrap;
  const address = `127.0.0.1:${await freePort()}`;
  const daemon = await startInHost(host, [gitopperBin, ...how, "-a", address]);
  const wait = { everyMs: 20, timeoutMs: 20_000, failure: daemon.output };
  await poll(
    () => served.requests.length,
    (count) => count > 0,
    wait,
  );

  const from = performance.now();
  daemon.signal(signal);
  expect((await daemon.ended).status, daemon.output()).toBe(status);
  expect(performance.now() - from).toBeLessThan(soonMs);
  expect(daemon.output()).not.toContain("gitopper: Cannot");
});

test.each([
  ["SIGTERM", 0],
  ["SIGHUP", 2],
] as const)(
  "%s while a bootstrap waits for the files ends it with %i, and the next one works",
  async (signal, status) => {
    await using upstream = await makeUpstream({ files: { "app/etc/conf": "one\n" } });
    const { url } = await upstream.serve();
    await upstream.commit({ "gitopper/config.toml": aConfig(url, [aService({ machine: "elsewhere" })]) });
    await using host = await bootHost({ name: "alpha" });
    const address = `127.0.0.1:${await freePort()}`;
    const how = ["-c", "config.toml", "-U", url, "-M", "/srv/boot", "-a", address];
    // A git that stops where it would bring files that the upstream does not send.
    const git = "/usr/local/sbin/git";
    const hang = 'case " $* " in *" checkout "*) touch /run/hanging; exec sleep 100;; esac';
    await host.write(git, `#!/bin/sh\n${hang}\nexec /usr/bin/git "$@"\n`);
    await host.sh(`chmod +x ${git}`);

    const daemon = await startInHost(host, [gitopperBin, ...how]);
    await host.sh("until [ -e /run/hanging ]; do sleep 0.02; done");
    const from = performance.now();
    daemon.signal(signal);
    expect((await daemon.ended).status, daemon.output()).toBe(status);
    expect(performance.now() - from).toBeLessThan(soonMs);
    await host.sh("while pgrep sleep; do :; done");

    await host.sh(`rm ${git}`);
    const again = await startInHost(host, [gitopperBin, ...how]);
    const wait = { everyMs: 50, timeoutMs: 20_000, failure: again.output };
    const healthy = () =>
      fetch(`http://${address}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      );
    await poll(healthy, (ok) => ok, wait);
    again.signal("SIGTERM");
    expect((await again.ended).status).toBe(0);
  },
);
