import { expect, test } from "vitest";
import { aConfig, aService } from "../builders/config.ts";
import { aScene, type Scene, type SceneOptions } from "../builders/scene.ts";

const local = "/var/lib/app/conf";
const web = aService({ service: "web", action: "", dirs: [{ local: "/etc/web", link: "web/etc" }] });
const files = { "app/etc/conf": "one\n", "web/etc/conf": "web\n" };

const options: SceneOptions = {
  files,
  service: { user: "appuser", dirs: [{ local, link: "app/etc" }] },
  more: [web],
  unit: { readsFile: `${local}/conf` },
  prepare: ({ host }) =>
    host.sh(`useradd --system --no-create-home appuser; mkdir -p ${local} /srv/victim
      chown appuser /var/lib/app ${local}; echo safe >/srv/victim/file`),
};

test("a symlink of one service's user keeps no other from its files when the daemon starts", async () => {
  await using scene = await aScene(options);
  await mislead(scene);
  const { host, gitopper } = scene;
  await gitopper.start();

  // The daemon is ready now, so the mounts have to be there.
  expect(await host.read("/etc/web/conf")).toBe("web\n");
  await gitopper.until("web", ({ state, hash }) => state === "OK" && hash !== "");
  const { state, info } = await gitopper.untilReason("app", "path-blocked");
  expect(state).toBe("BROKEN");
  expect(info).toContain(`Cannot mount at "${local}": a symlink in "/var/lib/app"`);
  expect(await host.sh("ls /srv/victim")).toBe("file");
});

test("nor when the service with the symlink leaves the config", async () => {
  await using scene = await aScene(options);
  await mislead(scene);
  const { host, gitopper, served } = scene;
  await gitopper.writeConfig(aConfig(served.url, [web]));
  await gitopper.start();

  expect(await host.read("/etc/web/conf")).toBe("web\n");
  await gitopper.until("web", ({ state, hash }) => state === "OK" && hash !== "");
  expect(await host.sh("ls /srv/victim")).toBe("file");
});

/** Both services are OK once; then gitopper is stopped, nothing is mounted, and `app`'s user puts a symlink. */
async function mislead({ host, gitopper }: Scene): Promise<void> {
  for (const name of ["app", "web"])
    await gitopper.until(name, ({ state, hash }) => state === "OK" && hash !== "");
  await gitopper.stop();
  await host.sh(`umount ${local} /etc/web`);
  const script = "cd /var/lib/app && rm -rf conf && ln -s /srv/victim conf";
  await host.run(["setpriv", "--reuid=appuser", "--clear-groups", "sh", "-c", script]);
}

test("nor does a store that is a file, or one that its user cannot enter", async () => {
  await using scene = await aScene({
    ...options,
    more: [
      { ...web, user: "webuser" },
      aService({ service: "fine", action: "", dirs: [{ local: "/etc/fine", link: "web/etc" }] }),
    ],
    prepare: async (stage) => {
      await options.prepare?.(stage);
      await stage.host.sh("useradd --system --no-create-home webuser");
    },
  });
  const { host, gitopper, upstream } = scene;
  for (const name of ["app", "web", "fine"])
    await gitopper.until(name, ({ state, hash }) => state === "OK" && hash !== "");
  const storeOf = (user: string) =>
    host.sh(`find /var/lib/gitopper/stores -maxdepth 1 -mindepth 1 -user ${user}`);
  const [ofApp, ofWeb] = [await storeOf("appuser"), await storeOf("webuser")];
  await gitopper.stop();
  await host.sh(`umount /etc/fine; rm -rf ${ofApp}; echo junk >${ofApp}; chown root ${ofWeb}`);
  const second = await upstream.commit({ "app/etc/conf": "two\n", "web/etc/conf": "new\n" });
  await gitopper.start();

  expect(await host.read("/etc/fine/conf")).toMatch(/web|new/);
  await gitopper.until("fine", ({ state, hash }) => state === "OK" && hash === second);
  // What was in a store's place is no store: a new one is made.
  for (const name of ["app", "web"])
    await gitopper.until(name, ({ state, hash }) => state === "OK" && hash === second);
  expect(await host.read(`${local}/conf`)).toBe("two\n");
});
