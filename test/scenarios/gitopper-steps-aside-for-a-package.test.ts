import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import { offerDeb, useLocalApt } from "../host/apt.ts";
import { gitopperBin, gitopperctlBin } from "../host/gitopper-unit.ts";
import { repositoryRoot, type TestHost } from "../host/host.ts";
import { events, untilEvent } from "../host/unit.ts";

const file = { local: "/etc/app.conf", link: "app/conf", file: true };

const ofOneFile = {
  files: { "app/conf": "one\n" },
  service: { dirs: [file] },
  unit: { readsFile: "/etc/app.conf" },
};

const deb = { name: "app-conf", conffile: "/etc/app.conf" };

// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query fills them in
const stateOf = (host: TestHost) => host.sh("dpkg-query --show --showformat='${Status} ${Version}' app-conf");

test("gitopper steps aside while a package replaces a file that is mounted", async () => {
  await using scene = await aScene({
    ...ofOneFile,
    prepare: async ({ host }) => {
      await useLocalApt(host);
      await host.sh("mkdir -p /srv/debs");
      for (const version of ["3", "2", "1"]) {
        await offerDeb(host, { ...deb, version });
        await host.sh(`cp /srv/apt/app-conf.deb /srv/debs/${version}.deb`);
      }
      await host.sh("dpkg --install /srv/debs/1.deb");
    },
  });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");

  // What happens without it.
  const upgrade = ["dpkg", "--force-confnew", "--install", "/srv/debs/2.deb"];
  expect((await host.run(upgrade, { allowFailure: true })).stderr).toMatch(/busy/i);
  expect(await stateOf(host)).not.toMatch(/^install ok installed 2$/);

  expect(await gitopper.ctl("aside", "@")).toContain("unmounted /etc/app.conf until ");
  expect(await host.read("/etc/app.conf")).toMatch(/^package/);
  expect(await gitopper.ctl("status", "@")).toContain("its single files are unmounted until ");
  expect((await gitopper.tryCtl("doctor", "@")).stdout).not.toContain("is not mounted");
  // It is not mounted meanwhile: not for a commit, and not as drift.
  const second = await upstream.commit({ "app/conf": "two\n" });
  await gitopper.pull("app");
  await host.sh("dpkg --configure --pending && dpkg --install /srv/debs/3.deb");
  expect(await stateOf(host)).toBe("install ok installed 3");
  expect(await host.read("/etc/app.conf")).toBe("package 3\n");
  expect(await gitopper.ctl("resume", "@", "app")).toContain("mounting again: app");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === second);
  expect(await host.read("/etc/app.conf")).toBe("two\n");
  expect((await events(host, "app")).at(-1)).toBe("reload two");

  await gitopper.ctl("aside", "@", "app", "--for", "1s");
  await expect.poll(() => host.read("/etc/app.conf"), { timeout: 20_000 }).toBe("two\n");
  // It would mount the file again at once.
  await gitopper.stop();
  await host.sh("umount /etc/app.conf");
  expect(await host.read("/etc/app.conf")).toBe("package 3\n");
});

const hook = "/etc/apt/apt.conf.d/90gitopper";
const apt = [
  "env",
  "DEBIAN_FRONTEND=noninteractive",
  "apt-get",
  "-y",
  "-o",
  "Dpkg::Options::=--force-confnew",
];

/** What a package's script sees, and a pull in the middle of it, which mounts nothing. */
const postinst = `cat /etc/app.conf >>/var/tmp/seen
${gitopperctlBin} pull app --wait --timeout 20s >>/var/tmp/pulled 2>&1 || true
grep -c ' /etc/app.conf ' /proc/self/mountinfo >>/var/tmp/seen || true`;

test("with the hook apt upgrades a package whose file is mounted, and an apt that is killed leaves it mounted", async () => {
  await using scene = await aScene({
    ...ofOneFile,
    prepare: async ({ host }) => {
      await useLocalApt(host);
      await offerDeb(host, { ...deb, version: "1" });
      await host.sh(`ln -s ${gitopperBin} ${gitopperctlBin} /usr/local/bin/
        install -m 644 ${repositoryRoot}/packaging/apt/90gitopper ${hook}`);
      // Gitopper is installed, and does not run yet: nothing happens.
      await host.run([...apt, "update"]);
      await host.run([...apt, "install", "app-conf"]);
    },
  });
  const { host, gitopper } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");
  const upgrade = async (options: { version: string; postinst: string }) => {
    await offerDeb(host, { ...deb, ...options });
    await host.run([...apt, "update"]);
    return host.run([...apt, "install", "app-conf"], { allowFailure: true });
  };
  const isBack = async () => expect.poll(() => host.read("/etc/app.conf"), { timeout: 20_000 }).toBe("one\n");

  expect(await upgrade({ version: "2", postinst })).toMatchObject({ status: 0 });
  expect(await stateOf(host)).toBe("install ok installed 2");
  expect(await host.read("/var/tmp/seen")).toBe("package 2\n0\n");
  await isBack();

  // Dpkg is killed half way: apt calls the second half of the hook all the same.
  const once = "test -e /var/tmp/killed || { touch /var/tmp/killed; kill -9 $PPID; }";
  expect(await upgrade({ version: "3", postinst: once })).toMatchObject({ status: 100 });
  expect(await stateOf(host)).toBe("install ok half-configured 3");
  await isBack();
  await host.sh("dpkg --configure -a");
  expect(await stateOf(host)).toBe("install ok installed 3");

  // Apt is killed, and calls nothing: the time that the hook gives ends it.
  expect(await host.read(hook)).toContain("--for 30m");
  await host.sh(`sed -i 's/--for 30m/--for 2s/' ${hook}`);
  await upgrade({ version: "4", postinst: "kill -9 $(ps -o ppid= -p $PPID)" });
  await isBack();
  expect(await gitopper.journal()).toContain("the time to be aside is over: mounting its files again");
  await gitopper.untilReason("app", null);
});
