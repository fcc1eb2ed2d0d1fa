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
  const row = await gitopper.until("app", ({ state }) => state === "BROKEN");
  expect(row.stateinfo).toContain(`Cannot mount at "${local}": a symlink in "/var/lib/app"`);
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
