import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import type { TestHost } from "../host/host.ts";

const local = "/var/lib/app/conf";
const asAppuser = (host: TestHost, script: string) =>
  host.run(["setpriv", "--reuid=appuser", "--clear-groups", "sh", "-c", script]);
const withUser = async (host: TestHost) => {
  await host.sh("useradd --system --no-create-home appuser");
  await host.sh(
    "mkdir -p /var/lib/app /etc/victim && echo safe > /etc/victim/file && chown appuser /var/lib/app",
  );
};
const service = { user: "appuser", dirs: [{ local, link: "app/etc" }] };

test("a mount point in a directory of the service's user is made by the user, and works", async () => {
  await using scene = await aScene({
    service,
    unit: { readsFile: `${local}/conf` },
    prepare: ({ host }) => withUser(host),
  });
  const { host, gitopper } = scene;
  await gitopper.until("app", (row) => row.state === "OK" && row.hash !== "");
  expect(await host.sh(`stat -c %U /var/lib/app; cat ${local}/conf`)).toBe("appuser\none");
});

test("a symlink of the service's user in place of the mount point is refused, not followed", async () => {
  await using scene = await aScene({
    service,
    prepare: async ({ host }) => {
      await withUser(host);
      await asAppuser(host, `ln -s /etc/victim ${local}`);
    },
  });
  const { host, gitopper } = scene;
  const { state, info } = await gitopper.untilReason("app", "path-blocked");
  expect(state).toBe("BROKEN");
  expect(info).toContain(`Cannot mount at "${local}": a symlink in "/var/lib/app", which others can change`);
  expect(await host.sh("ls /etc/victim; grep -c victim /proc/self/mountinfo || true")).toBe("file\n0");
});

test("a symlink in the checkout in place of a link is not mounted", async () => {
  await using scene = await aScene({ service: { user: "appuser" }, prepare: ({ host }) => withUser(host) });
  const { host, gitopper } = scene;
  await gitopper.until("app", (row) => row.state === "OK" && row.hash !== "");
  await gitopper.stop();
  await host.sh("umount /etc/app");
  await asAppuser(host, "cd /srv/gitopper/app/app && mv etc old && ln -s /etc/victim etc");
  await gitopper.start();
  const row = await gitopper.until("app", (row) => row.state === "BROKEN");
  expect(row.stateinfo).toContain("is not a plain directory of the checkout");
  expect(await host.sh("ls /etc/app")).toBe("");
});

test("a symlink in the repository in place of a link is refused", async () => {
  await using scene = await aScene();
  const { upstream, gitopper, host } = scene;
  await gitopper.until("app", (row) => row.state === "OK" && row.hash !== "");
  await upstream.commit({ "app/etc/conf": null, "app/etc": { text: "/root", mode: "120000" } });
  await gitopper.pull("app");
  const { state, info } = await gitopper.untilReason("app", "link-missing");
  expect(state).toBe("DIFF");
  expect(info).toMatch(
    /Cannot use link "app\/etc": it is a symlink in commit [0-9a-f]{8}; make it a directory/,
  );
  expect(await host.read("/etc/app/conf")).toBe("one\n");
});

test("a pipe in place of a checkout's .git does not stop the daemon", async () => {
  await using scene = await aScene({ service: { user: "appuser" }, prepare: ({ host }) => withUser(host) });
  const { host, gitopper, upstream } = scene;
  await gitopper.until("app", (row) => row.state === "OK" && row.hash !== "");
  await asAppuser(host, "cd /srv/gitopper/app && rm .git && mkfifo .git");
  await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.pull("app");
  await gitopper.until("app", (row) => row.state === "DIFF");
  expect((await gitopper.get("/healthz")).status).toBe(200);
});

test("a checkout is not made where another user could swap it", async () => {
  await using scene = await aScene({
    service: { mount: "/var/lib/app/git" },
    prepare: ({ host }) => withUser(host),
  });
  const { state, info } = await scene.gitopper.untilReason("app", "path-blocked");
  expect(state).toBe("BROKEN");
  expect(info).toContain('others can change "/var/lib/app"; choose a mount that only root can change');
});
