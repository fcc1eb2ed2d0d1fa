import { expect, test } from "vitest";
import { aConfig, aService } from "../builders/config.ts";
import { aScene, type Scene } from "../builders/scene.ts";
import type { TestHost } from "../host/host.ts";
import { events, untilEvent } from "../host/unit.ts";

const dirs = [
  { local: "/etc/app", link: "app/etc" },
  { local: "/srv/page", link: "app/page", file: true },
];
const files = { "app/etc/conf": "one\n", "app/page": "page one\n" };

test("no process can change a read-only link, and pushes are deployed all the same", async () => {
  await using scene = await aScene({ files, service: { dirs, read_only: true } });
  const { host, gitopper, upstream } = scene;
  await gitopper.until("app", (row) => row.state === "OK" && row.hash !== "");
  await expectReadOnly(host);

  const second = await upstream.commit({ "app/etc/conf": "two\n", "app/page": "page two\n" });
  await gitopper.pull("app");
  await gitopper.until("app", (row) => row.hash === second && row.state === "OK");
  expect(await host.sh("cat /etc/app/conf /srv/page")).toBe("two\npage two");
  await expectReadOnly(host);

  await host.run(["mount", "-o", "remount,bind,rw", "/etc/app"]);
  const options = "findmnt --noheadings --output=VFS-OPTIONS --mountpoint /etc/app | tail -n 1";
  await expect.poll(() => host.sh(options), { timeout: 20_000 }).toMatch(/^ro\b/);
  await gitopper.untilReason("app", null);

  await host.reboot();
  await gitopper.until("app", (row) => row.state === "OK");
  await expectReadOnly(host);
});

test("a unit with mounts of its own that runs already sees the change to read-only, and back", async () => {
  await using scene = await aScene({
    service: { dirs: dirs.slice(0, 1) },
    unit: { extra: "PrivateTmp=yes" },
  });
  const { host, gitopper } = scene;
  await gitopper.until("app", (row) => row.state === "OK" && row.hash !== "");
  expect(await writeAsUnit(host)).toBe("");

  await configure(scene, true);
  await expect.poll(() => writeAsUnit(host), { timeout: 20_000 }).toContain("Read-only file system");
  await untilEvent(host, "app", "reload one");
  await configure(scene, false);
  await expect.poll(() => writeAsUnit(host), { timeout: 20_000 }).toBe("");
  // The same process all the time.
  expect((await events(host, "app")).filter((event) => event.startsWith("start"))).toEqual(["start one"]);
});

async function configure({ served, gitopper }: Scene, readOnly: boolean): Promise<void> {
  const service = aService({ dirs: dirs.slice(0, 1), read_only: readOnly });
  await gitopper.writeConfig(aConfig(served.url, [service]));
  await gitopper.restart();
}

async function expectReadOnly(host: TestHost): Promise<void> {
  for (const path of ["/etc/app/conf", "/etc/app/new", "/srv/page"])
    expect(await write(host, path)).toContain("Read-only file system");
}

/** As root; answers what the shell complains of. */
async function write(host: TestHost, path: string): Promise<string> {
  return (await host.run(["sh", "-c", 'echo changed >"$1"', "sh", path], { allowFailure: true })).stderr;
}

/** What the running process could do; it changes nothing. */
async function writeAsUnit(host: TestHost): Promise<string> {
  const pid = await host.sh("systemctl show --value --property=MainPID app");
  const argv = ["nsenter", "-t", pid, "-m", "sh", "-c", ": >>/etc/app/conf"];
  return (await host.run(argv, { allowFailure: true })).stderr;
}
