import { chmodSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type ServiceDetails, serviceDetails } from "../../src/api/shapes.ts";
import { aConfig, aService, machine } from "../builders/config.ts";
import { type Gitopper, installGitopper } from "../host/gitopper.ts";
import { configPath, gitopperBin } from "../host/gitopper-unit.ts";
import { bootHost, type TestHost } from "../host/host.ts";
import { poll } from "../host/poll.ts";
import { addService, events, untilEvent } from "../host/unit.ts";
import { makeUpstream } from "../host/upstream.ts";

const medium = "/media/usb";
const bundle = `${medium}/config.bundle`;

test("a host without a network follows a bundle on a medium that comes and goes", async () => {
  await using upstream = await makeUpstream({ files: { "app/etc/conf": "one\n" } });
  await using host = await bootHost({ name: machine, ownNetwork: true, binds: [upstream.dir] });
  await host.run(["useradd", "--create-home", "alice"]);
  await addService(host, "app", { readsFile: "/etc/app/conf" });
  await host.run(["mkdir", "--parents", medium]);
  const plugIn = () => host.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "stick", medium]);
  const bring = async (how: "whole" | "cut", ...range: string[]) => {
    await upstream.git("bundle", "create", "--quiet", join(upstream.dir, "new"), ...range);
    chmodSync(join(upstream.dir, "new"), 0o644);
    const bytes = how === "whole" ? "-0" : "-20";
    await host.sh(`head --bytes=${bytes} ${upstream.dir}/new >${bundle}.new && mv ${bundle}.new ${bundle}`);
  };
  const gitopper = await installGitopper(host, {
    config: aConfig(bundle, [aService({ user: "alice" })]),
    duration: "1s",
  });
  const asked = { host, gitopper };
  expect(await host.sh(`${gitopperBin} --check -c ${configPath}`)).toContain(
    `track the bundle ${bundle}, branch main`,
  );
  await gitopper.start();

  // Nothing was ever there.
  const never = await until(asked, ({ reason }) => reason === "upstream-unreachable");
  expect(never.info).toBe(missing);
  await plugIn();
  await bring("whole", "main");
  const first = await upstream.head();
  await untilEvent(host, "app", "start one");
  await until(asked, ({ state, commit }) => state === "OK" && commit === first);

  // Pulled out: the daemon holds nothing open there, and the service runs on.
  await host.run(["umount", medium]);
  const out = await until(asked, ({ state }) => state === "DIFF");
  expect(out).toMatchObject({ reason: "upstream-unreachable", info: missing, commit: first });
  const doctor = await gitopper.tryCtl("doctor", "@");
  const lines = doctor.stdout.replaceAll(/\s+/g, " ");
  expect(lines).toContain("there is no such file; plug in its medium, or copy a bundle there");
  // A line for each time that it went missing, however often it was polled.
  const said = (await host.sh("journalctl --unit gitopper --output cat")).split("\n");
  expect(said.filter((line) => line.includes("no such file"))).toHaveLength(2);
  await host.reboot();
  await until(asked, ({ state, info }) => state === "DIFF" && info === missing);
  expect(await host.read("/etc/app/conf")).toBe("one\n");

  // One that continues from what is here, at once.
  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await plugIn();
  await bring("whole", `${first}..main`);
  await gitopper.ctl("pull", "app", "@", "--wait");
  await until(asked, ({ state, commit }) => state === "OK" && commit === second);
  expect(await host.read("/etc/app/conf")).toBe("two\n");

  // What cannot be used is no damage of the store.
  const third = await upstream.commit({ "app/etc/conf": "three\n" });
  await bring("cut", "main");
  const cut = await until(asked, ({ state }) => state === "DIFF");
  expect(cut.info).toBe(`Cannot fetch "${bundle}": it is damaged, or was not copied whole; copy it again`);
  await bring("whole", "main");
  await until(asked, ({ state, commit }) => state === "OK" && commit === third);
  await host.run(["chmod", "0600", bundle]);
  const secret = await until(asked, ({ state }) => state === "DIFF");
  expect(secret.info).toContain('user "alice" may not read it');
  await host.run(["chmod", "0666", bundle]);
  await until(asked, ({ info }) => info.includes("every user of this host may change it; take"));
  await host.run(["chmod", "0644", bundle]);
  await until(asked, ({ state }) => state === "OK");
  expect(await host.sh("journalctl --unit gitopper --output cat")).not.toContain("damaged (");

  // Forced pushes arrive as they do from a server.
  await upstream.git("update-ref", "refs/heads/main", first);
  const fourth = await upstream.commit({ "app/etc/conf": "four\n" });
  await bring("whole", "main");
  await until(asked, ({ state, commit }) => state === "OK" && commit === fourth);
  expect((await events(host, "app")).slice(-3)).toEqual(["reload two", "reload three", "reload four"]);
});

const missing = `Cannot fetch "${bundle}": there is no such file; plug in its medium, or copy a bundle there`;

/** Asks within the host, because nothing outside reaches it. */
function until(
  { host, gitopper }: Asked,
  isWanted: (details: ServiceDetails) => boolean,
): Promise<ServiceDetails> {
  const ask = `curl --silent --retry 5 --retry-connrefused http://${gitopper.address}/api/v1/services/app`;
  return poll(async () => serviceDetails.parse(JSON.parse(await host.sh(ask))), isWanted, {
    everyMs: 100,
    timeoutMs: 20_000,
    failure: ({ state, info }) => `It stays ${state}: ${info}`,
  });
}

interface Asked {
  readonly host: TestHost;
  readonly gitopper: Gitopper;
}
