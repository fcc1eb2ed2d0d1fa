import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import { untilEvent } from "../host/unit.ts";

const patches = "/var/lib/gitopper/patches/app";

test("a rollback undoes a local edit too, though git has nothing else for the service, and saves it", async () => {
  await using scene = await aScene();
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");
  const first = await upstream.head();
  const second = await upstream.commit({ "other/file": "unrelated\n" });
  await gitopper.pull("app");
  await gitopper.until("app", (row) => row.hash === second && row.state === "OK");
  await host.sh("echo typed >>/etc/app/conf");
  await gitopper.pull("app");
  await gitopper.until("app", ({ stateinfo }) => stateinfo.startsWith("drift: 1 local edit: app/etc/conf"));

  await gitopper.ctl("state", "rollback", "@", "app", first);
  const held = await gitopper.untilReason("app", "held-at-commit", ({ state }) => state === "FREEZE");
  expect(held).toMatchObject({
    ...{ state: "FREEZE", commit: first, drift: "" },
    held: { commit: first, reason: "", until: null },
  });
  expect(await host.read("/etc/app/conf")).toBe("one\n");
  expect(await host.sh(`ls ${patches} | wc -l; grep '^+typed' ${patches}/*`)).toBe("1\n+typed");
});

test("a rollback to the commit that is there undoes a local edit as well", async () => {
  await using scene = await aScene();
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash !== "");
  const first = await upstream.head();
  await host.sh("rm /etc/app/conf");

  await gitopper.ctl("state", "rollback", "@", "app", first);
  await gitopper.untilReason(
    "app",
    "held-at-commit",
    ({ state, held, drift }) => state === "FREEZE" && held?.commit === first && drift === "",
  );
  expect(await host.read("/etc/app/conf")).toBe("one\n");
});

test("a directory that cannot be written keeps all of a commit out, and a rollback is no worse for it", async () => {
  const at = (text: string) => ({ "app/etc/a/x": text, "app/etc/b/x": text, "app/etc/c/x": text });
  await using scene = await aScene({
    files: at("one\n"),
    service: { user: "appuser" },
    unit: { readsFile: "/etc/app/a/x" },
    prepare: ({ host }) => host.sh("useradd --system --no-create-home appuser"),
  });
  const { host, gitopper, upstream } = scene;
  const contents = () => host.sh("cat /etc/app/*/x");
  await untilEvent(host, "app", "start one");
  const first = await upstream.head();
  await gitopper.until("app", (row) => row.state === "OK" && row.hash === first);

  await host.sh("chown root /etc/app/b /etc/app/b/x; chmod 0555 /etc/app/b");
  await upstream.commit(at("two\n"));
  await gitopper.pull("app");
  const row = await gitopper.until("app", ({ state }) => state !== "OK");
  expect(row).toMatchObject({ hash: first, state: expect.stringMatching(/^(DIFF|BROKEN)$/) });
  expect(row.stateinfo).toMatch(/^Cannot write in "\/srv\/gitopper\/app\/app\/etc\/b": ./);
  // It is found before the first file is changed.
  expect(await contents()).toBe("one\none\none");

  await host.sh("chown appuser /etc/app/b /etc/app/b/x; chmod 0755 /etc/app/b");
  await gitopper.ctl("state", "rollback", "@", "app", first);
  await gitopper.untilReason(
    "app",
    "held-at-commit",
    ({ state, drift }) => state === "FREEZE" && drift === "",
  );
  expect(await contents()).toBe("one\none\none");
  expect(await host.sh(`ls ${patches} 2>/dev/null | wc -l`)).toBe("0");
});
