import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { aConfig, aService } from "../builders/config.ts";
import { startGitopper } from "../host/gitopper.ts";
import { bootHost } from "../host/host.ts";
import { poll } from "../host/poll.ts";
import { freePort } from "../host/port.ts";
import { run } from "../host/run.ts";
import { makeTempDir } from "../host/temp-dir.ts";
import { addService, events, untilEvent } from "../host/unit.ts";
import { makeUpstream } from "../host/upstream.ts";

const keys = [{ path: "keys/ops.pub" }, { path: "keys/monitor.pub", ro: true }];

test("a key in the repository lets its owner in, until it is removed", async () => {
  const home = makeTempDir("keys");
  const publicKey = async (name: string) => {
    await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(home, name)]);
    return readFileSync(join(home, `${name}.pub`), "utf8");
  };
  const files = {
    "app/etc/conf": "one\n",
    "gitopper/keys/ops.pub": await publicKey("ops"),
    "gitopper/keys/monitor.pub": await publicKey("monitor"),
  };
  await using upstream = await makeUpstream({ files });
  const { url } = await upstream.serve();
  await upstream.commit({ "gitopper/config.toml": aConfig(url, [aService()], { keys }) });
  await using host = await bootHost({ name: "alpha" });
  await addService(host, "app", { readsFile: "/etc/app/conf" });
  const port = await freePort();
  const bootstrap = [
    "-c",
    "config.toml",
    "-U",
    url,
    "-D",
    "gitopper",
    "-M",
    "/srv/boot",
    "-s",
    `127.0.0.1:${port}`,
  ];
  const gitopper = await startGitopper(host, { args: bootstrap });
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");
  const fingerprint = "ssh-keygen -l -f /var/lib/gitopper/ssh_host_ed25519_key.pub";
  expect(await gitopper.journal()).toContain((await host.sh(fingerprint)).split(" ")[1]);

  const ssh = (name: string, ...words: readonly string[]) => {
    const own = ["-F", "none", "-i", join(home, name), "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes"];
    const hosts = [
      "-o",
      `UserKnownHostsFile=${join(home, "known_hosts")}`,
      "-o",
      "StrictHostKeyChecking=accept-new",
    ];
    return run(["ssh", "-p", String(port), ...own, ...hosts, "127.0.0.1", ...words], { allowFailure: true });
  };
  const listed = await ssh("monitor", "/list/service", "app");
  expect(JSON.parse(listed.stdout)).toMatchObject({ services: [{ service: "app", state: "OK" }] });
  expect(await ssh("monitor", "/do/pull", "app")).toMatchObject({
    status: 4,
    stderr: expect.stringContaining('Your key "monitor" may only read: '),
  });

  await upstream.commit({ "app/etc/conf": "two\n" });
  expect(await ssh("ops", "/do/pull", "app")).toMatchObject({ status: 0, stderr: "" });
  await untilEvent(host, "app", "reload two");

  await upstream.commit({ "gitopper/keys/ops.pub": files["gitopper/keys/monitor.pub"] });
  expect(await ssh("ops", "/do/pull", "gitopper")).toMatchObject({ status: 0 });
  await poll(
    () => ssh("ops", "/list/machine"),
    ({ status }) => status === 255,
    { everyMs: 200, timeoutMs: 20_000, failure: () => "The removed key still comes in" },
  );
  expect(await ssh("monitor", "/do/pull", "app")).toMatchObject({ status: 4 });
  expect(await events(host, "app")).toEqual(["start one", "reload two"]);
  rmSync(home, { recursive: true });
});
