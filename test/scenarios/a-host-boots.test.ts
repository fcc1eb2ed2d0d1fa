import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { bootHost } from "../host/host.ts";
import type { RunResult } from "../host/run.ts";
import { addService, events, untilEvent } from "../host/unit.ts";
import { makeUpstream } from "../host/upstream.ts";

test("two hosts run side by side, each with a systemd and a disk of its own", async () => {
  await using one = await bootHost({ name: "one" });
  await using two = await bootHost({ name: "two" });

  await addService(one, "app");
  await one.run(["systemctl", "start", "app"]);

  expect(await one.sh("hostname; systemctl is-active app")).toBe("one\nactive");
  expect(await two.sh("hostname; systemctl is-active app || true")).toBe("two\ninactive");
});

test("a service's start, reload and stop are recorded with what it reads through a bind mount", async () => {
  await using host = await bootHost();
  const hardened = "ProtectSystem=strict\nPrivateTmp=yes";
  await addService(host, "app", { readsFile: "/etc/app/conf", extra: hardened });

  await host.write("/srv/v1/conf", "one\n");
  await host.sh("mkdir /etc/app; mount --bind /srv/v1 /etc/app");
  await host.run(["systemctl", "start", "app"]);
  await host.write("/srv/v1/conf", "two\n");
  await host.run(["systemctl", "reload", "app"]);
  await host.run(["systemctl", "stop", "app"]);

  expect(await untilEvent(host, "app", "stop")).toEqual(["start one", "reload two", "stop"]);
});

test("a reboot keeps the disk and stops services in order; a power cut does not", async () => {
  await using host = await bootHost();
  await addService(host, "app");
  await host.run(["systemctl", "enable", "--now", "--quiet", "app"]);

  await host.reboot();
  await untilEvent(host, "app", "stop");
  await host.reboot("power-cut");

  expect(await events(host, "app")).toEqual(["start", "stop", "start", "start"]);
});

test("a host clones an upstream in part over HTTP; it may go down, hang, and come back", async () => {
  await using upstream = await makeUpstream({ files: { "app/conf": "one\n" }, branches: ["canary"] });
  const served = await upstream.serve();
  await using host = await bootHost();
  const first = await upstream.head("canary");

  await host.run(["git", "clone", "--quiet", "--bare", "--filter=blob:none", served.url, "/srv/store"]);
  const fetch = (timeoutMs = 10_000): Promise<RunResult> =>
    host.run(["git", "-C", "/srv/store", "fetch", "--quiet", "origin", "+main:main"], {
      allowFailure: true,
      timeoutMs,
    });
  const blobs = await host.sh("git -C /srv/store rev-list --objects --missing=print main | grep -c '^?'");
  expect(blobs).toBe("1");

  const rewritten = await upstream.commit({ "app/conf": "two\n", "app/new": { text: "x", mode: "100755" } });
  const second = await upstream.forcePush({ "app/conf": null }, { onto: first });
  expect(second).not.toBe(rewritten);
  await served.down();
  expect((await fetch()).stderr).toContain("Failed to connect");
  await served.up();
  served.hang();
  await expect(fetch(500)).rejects.toThrow("took longer than 500 ms");
  await served.up();
  expect((await fetch()).status).toBe(0);

  expect(await host.sh("git -C /srv/store rev-parse main main^")).toBe(`${second}\n${first}`);
  expect(served.requests).toContain("POST /repo.git/git-upload-pack");
});

test("nothing is left of a host that was stopped", async () => {
  const host = await bootHost();
  const { leaderPid } = host;
  await host.stop();
  expect(existsSync(`/proc/${leaderPid}`)).toBe(false);
});
