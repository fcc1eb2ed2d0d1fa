import { expect, test } from "vitest";
import { aConfig, aService } from "../builders/config.ts";
import { aScene } from "../builders/scene.ts";
import { mountsAt } from "../host/seen.ts";
import { untilEvent } from "../host/unit.ts";

const patches = "/var/lib/gitopper/patches/app";
const files = { ".gitignore": "app/etc/*.local\n", "app/etc/conf": "one\n", "web/etc/conf": "web\n" };
const web = aService({ service: "web", action: "", dirs: [{ local: "/etc/web", link: "web/etc" }] });

test("a file that git ignores is saved before a commit that has one of its name overwrites it", async () => {
  await using scene = await aScene({ files });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash !== "");
  await host.sh("echo mine >/etc/app/x.local; echo mine >/etc/app/y.local");

  const second = await upstream.commit({ "app/etc/x.local": "theirs\n" });
  await gitopper.pull("app");
  await gitopper.untilReason("app", null, ({ commit }) => commit === second);
  expect(await host.sh("cat /etc/app/x.local /etc/app/y.local")).toBe("theirs\nmine");
  const saved = await host.sh(`cat ${patches}/*.patch`);
  expect(saved).toContain("+++ b/app/etc/x.local");
  expect(saved).toContain("\n+mine");
});

test("a checkout with a file that git ignores stays when its service leaves the config", async () => {
  await using scene = await aScene({ files, more: [web] });
  const { host, gitopper, served } = scene;
  await untilEvent(host, "app", "start one");
  for (const name of ["app", "web"]) await gitopper.until(name, ({ state }) => state === "OK");
  await host.write("/etc/app/data.local", "data\n");

  await gitopper.writeConfig(aConfig(served.url, [web]));
  await gitopper.restart();
  expect((await gitopper.services()).map(({ service }) => service)).toEqual(["web"]);
  expect(mountsAt(host, "/etc/app")).toEqual([]);
  expect(await host.read("/srv/gitopper/app/app/etc/data.local")).toBe("data\n");
});

test("an edit of a service that leaves the config and comes back is not lost", async () => {
  await using scene = await aScene({ files, more: [web] });
  const { host, gitopper, served, upstream } = scene;
  await untilEvent(host, "app", "start one");
  const first = await upstream.head();
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === first);
  await host.sh("echo typed >>/etc/app/conf");

  await gitopper.writeConfig(aConfig(served.url, [web]));
  await gitopper.restart();
  expect(mountsAt(host, "/etc/app")).toEqual([]);
  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.writeConfig(aConfig(served.url, [aService(), web]));
  await gitopper.restart();

  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === second);
  expect(await host.read("/etc/app/conf")).toBe("two\n");
  expect(await host.sh(`cat ${patches}/*.patch`)).toContain("\n+typed");
});

const withTheirMount = "mkdir -p /etc/app; mount -t tmpfs theirs /etc/app; echo theirs >/etc/app/theirs";

test("what an administrator has mounted at the local path stays mounted below", async () => {
  await using scene = await aScene({ prepare: ({ host }) => host.sh(withTheirMount) });
  const { host, gitopper } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash !== "");
  await gitopper.restart();
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash !== "");

  expect(await host.read("/etc/app/conf")).toBe("one\n");
  expect(mountsAt(host, "/etc/app")).toEqual(["/", expect.stringMatching(/\/srv\/gitopper\/app\/app\/etc$/)]);
  await gitopper.stop();
  expect(await host.sh("umount /etc/app; cat /etc/app/*")).toBe("theirs");
});

const place = "/srv/gitopper/app";
const withStuckPlace = `${withTheirMount}; mkdir -p ${place}; chown nobody ${place}`;

test("it stays mounted even when the first deployment failed before the mount", async () => {
  await using scene = await aScene({ prepare: ({ host }) => host.sh(withStuckPlace) });
  const { host, gitopper } = scene;
  const row = await gitopper.until("app", ({ state }) => state === "BROKEN");
  expect(row.stateinfo).toContain("it belongs to a user other");
  await gitopper.untilReason("app", "path-blocked");
  await host.run(["chown", "root", place]);
  await gitopper.pull("app");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash !== "");

  expect(await host.read("/etc/app/conf")).toBe("one\n");
  expect(mountsAt(host, "/etc/app")).toHaveLength(2);
  await gitopper.stop();
  expect(await host.sh("umount /etc/app; cat /etc/app/*")).toBe("theirs");
});

test("it stays mounted when its service leaves the config before anything was mounted over it", async () => {
  await using scene = await aScene({ files, more: [web], prepare: ({ host }) => host.sh(withStuckPlace) });
  const { host, gitopper, served } = scene;
  await gitopper.until("app", ({ state }) => state === "BROKEN");
  await gitopper.writeConfig(aConfig(served.url, [web]));
  await gitopper.restart();

  expect(mountsAt(host, "/etc/app")).toEqual(["/"]);
  expect(await host.read("/etc/app/theirs")).toBe("theirs\n");
});
