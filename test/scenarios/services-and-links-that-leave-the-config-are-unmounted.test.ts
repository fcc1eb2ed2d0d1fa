import { expect, test } from "vitest";
import { aConfig, aService } from "../builders/config.ts";
import { aScene } from "../builders/scene.ts";
import { installGitopper } from "../host/gitopper.ts";
import { configPath, gitopperBin } from "../host/gitopper-unit.ts";
import { addService, events, untilEvent } from "../host/unit.ts";
import { makeUpstream } from "../host/upstream.ts";

const files = { "app/etc/conf": "one\n", "web/etc/conf": "web\n", "app/more/x": "x\n" };
const web = aService({ service: "web", user: "appuser", dirs: [{ local: "/etc/web", link: "web/etc" }] });

test("a service that leaves the config is unmounted, its clean checkout removed, its unit left alone", async () => {
  await using scene = await aScene({
    files,
    more: [
      web,
      { ...web, service: "edited", dirs: [{ local: "/etc/edited", link: "web/etc" }] },
      { ...web, service: "covered", action: "", dirs: [{ local: "/etc/covered", link: "web/etc" }] },
    ],
    prepare: async ({ host }) => {
      await host.run(["useradd", "--system", "appuser"]);
      await addService(host, "web", { readsFile: "/etc/web/conf" });
      await addService(host, "edited");
    },
  });
  const { host, gitopper, served, upstream } = scene;
  await untilEvent(host, "web", "start web");
  await untilEvent(host, "edited", "start");
  await untilEvent(host, "app", "start one");
  for (const { service } of await gitopper.services())
    await gitopper.until(service, (row) => row.state === "OK");
  await host.sh("echo typed >>/etc/edited/conf");
  // Git takes what is mounted there for its own files, which are as it has them.
  await host.sh(`cp -a /srv/gitopper/covered/web/etc /srv/precious
    mount --bind /srv/precious /srv/gitopper/covered/web/etc`);

  await gitopper.writeConfig(aConfig(served.url));
  await gitopper.restart();

  expect((await gitopper.services()).map(({ service }) => service)).toEqual(["app"]);
  expect(await host.sh("ls -A /etc/web /etc/edited")).toBe("/etc/edited:\n\n/etc/web:");
  await expect.poll(() => host.sh("ls /srv/gitopper")).toBe("app\ncovered\nedited");
  expect(await host.read("/srv/precious/conf")).toBe("web\n");
  expect(await host.read("/srv/gitopper/edited/web/etc/conf")).toBe("web\ntyped\n");
  expect(await host.sh("systemctl is-active web edited")).toBe("active\nactive");
  expect(await events(host, "web")).toEqual(["start web"]);

  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.pull("app");
  await gitopper.until("app", (row) => row.hash === second && row.state === "OK");
  expect(await host.read("/etc/app/conf")).toBe("two\n");
});

test("a link that is moved or removed in the config is unmounted where it was", async () => {
  const dirs = [
    { local: "/etc/app", link: "app/etc" },
    { local: "/srv/more", link: "app/more" },
    { local: "/srv/moved", link: "app/more" },
  ];
  await using scene = await aScene({ files, service: { dirs } });
  const { host, gitopper, served } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", (row) => row.state === "OK");

  const changed = [
    { local: "/etc/app", link: "app/etc" },
    { local: "/srv/moved/here", link: "web/etc" },
  ];
  await gitopper.writeConfig(aConfig(served.url, [aService({ dirs: changed })]));
  await gitopper.restart();

  await expect.poll(() => host.exists("/srv/moved/here/conf"), { timeout: 20_000 }).toBe(true);
  await gitopper.untilReason("app", null);
  expect(await host.read("/srv/moved/here/conf")).toBe("web\n");
  expect(await host.sh("ls -A /srv/more; ls -A /srv/moved")).toBe("here");
  expect(await host.exists("/srv/gitopper/app/app/more/x")).toBe(false);
  expect(await host.sh("grep -c /srv/more /proc/self/mountinfo || true")).toBe("0");
  expect(await host.read("/etc/app/conf")).toBe("one\n");
});

test("a service that moves to another upstream has that one's files", async () => {
  await using scene = await aScene({ files });
  await using other = await makeUpstream({ files: { "app/etc/conf": "other\n" } });
  const { host, gitopper } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", (row) => row.state === "OK");
  await host.sh("echo typed >>/etc/app/conf");

  await gitopper.writeConfig(aConfig((await other.serve()).url));
  await gitopper.restart();

  const tip = await other.head();
  await gitopper.until("app", (row) => row.hash === tip && row.state === "OK");
  expect(await host.read("/etc/app/conf")).toBe("other\n");
  expect(await events(host, "app")).toEqual(["start one", "reload other"]);
  expect(await host.sh("cat /srv/gitopper/app.aside-*/app/etc/conf")).toBe("one\ntyped");
});

test("--check names what a config takes away, and a config that takes away everything is refused", async () => {
  await using scene = await aScene({ files });
  const { host, gitopper, served } = scene;
  await gitopper.until("app", (row) => row.state === "OK");
  const check = () => host.run([gitopperBin, "--check", "-c", configPath], { allowFailure: true });
  expect((await check()).stdout).not.toContain("unmounts");

  await gitopper.writeConfig(
    aConfig(served.url, [aService({ dirs: [{ local: "/srv/app", link: "app/etc" }] })]),
  );
  expect(await check()).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("\nunmounts app: /etc/app\n"),
  });

  const elsewhere = aConfig(served.url, [aService({ machine: "elsewhere" })]);
  await gitopper.writeConfig(elsewhere);
  const refused = await check();
  expect(refused.status).toBe(1);
  expect(refused.stderr).toMatch(
    /^gitopper: \/etc\/gitopper\/config.toml: no service is for this host, .*\(app\).*--allow-removal\n$/,
  );
  await expect(gitopper.restart()).rejects.toThrow();
  expect(await host.read("/etc/app/conf")).toBe("one\n");

  const allowed = await installGitopper(host, { config: elsewhere, args: ["--allow-removal"] });
  await allowed.restart();
  expect(await allowed.services()).toEqual([]);
  expect(await host.sh("ls -A /etc/app")).toBe("");
});
