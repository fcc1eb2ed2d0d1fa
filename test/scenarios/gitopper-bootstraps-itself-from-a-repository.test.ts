import { expect, test } from "vitest";
import { aConfig, aService } from "../builders/config.ts";
import { startGitopper } from "../host/gitopper.ts";
import { gitopperBin } from "../host/gitopper-unit.ts";
import { bootHost, type TestHost } from "../host/host.ts";
import { poll } from "../host/poll.ts";
import { freePort } from "../host/port.ts";
import { addService, events, untilEvent } from "../host/unit.ts";
import { makeUpstream, type Upstream } from "../host/upstream.ts";

const second = aService({ service: "second", dirs: [{ local: "/etc/second", link: "second/etc" }] });

/** An upstream whose `gitopper/config.toml` names the upstream itself. */
async function anUpstream(): Promise<Upstream> {
  const files = { "app/etc/conf": "one\n", "second/etc/conf": "two\n", "gitopper/README": "r\n" };
  const upstream = await makeUpstream({ files });
  await pushConfig(upstream, aConfig((await upstream.serve()).url));
  return upstream;
}

async function pushConfig(upstream: Upstream, config: string): Promise<void> {
  await upstream.commit({ "gitopper/config.toml": config });
}

async function aHost(): Promise<TestHost> {
  const host = await bootHost({ name: "alpha" });
  await addService(host, "app", { readsFile: "/etc/app/conf" });
  await addService(host, "second", { readsFile: "/etc/second/conf" });
  return host;
}

const bootstrap = (url: string, mount: string): string[] => [
  "-c",
  "config.toml",
  "-U",
  url,
  "-D",
  "gitopper",
  "-M",
  mount,
];

test("it checks out its own config, and manages itself like any service", async () => {
  await using upstream = await anUpstream();
  const { url } = await upstream.serve();
  await using host = await aHost();
  const gitopper = await startGitopper(host, { args: bootstrap(url, "/tmp") });
  await gitopper.until("app", (row) => row.state === "OK" && row.hash !== "");

  expect(await host.read("/tmp/gitopper/gitopper/config.toml")).toBe(aConfig(url));
  expect(await gitopper.ctl("list", "services", "@")).toMatch(/app .*OK[\s\S]*gitopper .*OK/);
  expect(await gitopper.ctl("list", "machines", "@")).toContain("alpha");
  expect(await events(host, "app")).toEqual(["start one"]);
});

test("with -r a valid config that is pushed is taken up, and an invalid one is logged", async () => {
  await using upstream = await anUpstream();
  const { url } = await upstream.serve();
  await using host = await aHost();
  const gitopper = await startGitopper(host, { args: [...bootstrap(url, "/srv/boot"), "-r"] });
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");
  const before = await gitopper.mainPid();

  await pushConfig(upstream, `${aConfig(url)}\nbrunch = "x"\n`);
  await gitopper.pull("gitopper");
  const journal = await poll(
    () => gitopper.journal(),
    (text) => text.includes("the old one goes on"),
    { everyMs: 50, timeoutMs: 20_000, failure: (text) => text },
  );
  expect(journal).toMatch(/\/srv\/boot\/gitopper\/gitopper\/config\.toml:\d+:\d+: .*brunch/);
  expect(await gitopper.mainPid()).toBe(before);

  await pushConfig(upstream, aConfig(url, [aService(), second]));
  await gitopper.pull("gitopper");
  await untilEvent(host, "second", "start two");
  await gitopper.until("second", (row) => row.state === "OK");
  expect(await gitopper.mainPid()).toBe(before);
  expect(await events(host, "app")).toEqual(["start one"]);

  expect((await gitopper.tryCtl("release", "gitopper")).stderr).toContain(
    "the config comes from its checkout",
  );
  expect(await gitopper.ctl("release", "--all")).toMatch(/^app is released; .*second is released/);
  await gitopper.until("gitopper", ({ state }) => state === "OK");
  expect(await host.read("/srv/boot/gitopper/gitopper/config.toml")).toContain("second");
});

test("it starts from its disk when upstream is down, after a reboot too", async () => {
  await using upstream = await anUpstream();
  const served = await upstream.serve();
  await using host = await aHost();
  const gitopper = await startGitopper(host, { args: [...bootstrap(served.url, "/srv/boot"), "-P"] });
  await gitopper.until("app", (row) => row.state === "OK" && row.hash !== "");

  await served.down();
  await host.reboot();
  await gitopper.until("app", (row) => row.state === "DIFF");
  expect(await host.read("/etc/app/conf")).toBe("one\n");
  expect((await gitopper.services()).map(({ service }) => service)).toEqual(["app", "gitopper"]);
});

test("it starts with the config on its disk, and with -P with the newest one", async () => {
  await using upstream = await anUpstream();
  const { url } = await upstream.serve();
  await using host = await aHost();
  const names = async (): Promise<string[]> => (await gitopper.services()).map(({ service }) => service);
  let gitopper = await startGitopper(host, { args: bootstrap(url, "/srv/boot") });
  await gitopper.until("gitopper", (row) => row.state === "OK" && row.hash !== "");
  await gitopper.stop();

  await pushConfig(upstream, aConfig(url, [aService(), second]));
  await gitopper.start();
  expect(await names()).toEqual(["app", "gitopper"]);
  await gitopper.stop();
  await pushConfig(upstream, aConfig(url, [second]));
  gitopper = await startGitopper(host, { args: [...bootstrap(url, "/srv/boot"), "-P"] });
  expect(await names()).toEqual(["gitopper", "second"]);
});

test("without upstream and without anything on disk it ends with one line", async () => {
  await using host = await bootHost();
  const url = `http://127.0.0.1:${await freePort()}/repo.git`;
  const argv = [gitopperBin, ...bootstrap(url, "/srv/boot"), "-a", `127.0.0.1:${await freePort()}`];
  const { status, stderr } = await host.run(argv, { allowFailure: true });

  expect(status).toBe(1);
  const last = stderr.trimEnd().split("\n").at(-1);
  expect(last).toContain(`gitopper: Cannot bootstrap: Cannot fetch`);
  expect(last).toMatch(/Failed to connect|Could ?n.t connect/);
});
