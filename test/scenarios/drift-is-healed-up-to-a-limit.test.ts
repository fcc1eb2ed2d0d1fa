import { expect, test } from "vitest";
import { aScene, type Scene } from "../builders/scene.ts";
import { readDeployments } from "../host/deployments.ts";
import { events, untilEvent } from "../host/unit.ts";

const patches = "/var/lib/gitopper/patches/app";

test("drift is saved and healed, the unit reloads, and the limit of heals ends a fight", async () => {
  await using scene = await healing({ heals_per_hour: 3 });
  const { host, gitopper } = scene;

  await host.sh("echo typed >>/etc/app/conf");
  await untilEvent(host, "app", "reload one");
  await gitopper.untilReason("app", null);
  expect(await host.read("/etc/app/conf")).toBe("one\n");
  expect(await host.sh(`grep -h '^[+]typed' ${patches}/*.patch`)).toBe("+typed");

  await host.sh(
    "mkdir /etc/app/d; echo mine >/etc/app/d/new; echo kept >/etc/app/x.key; chmod 600 /etc/app/conf",
  );
  await untilReloads(scene, 2);
  await gitopper.untilReason("app", null);
  expect(await host.sh("ls /etc/app; stat --format=%a /etc/app/conf")).toBe("conf\nx.key\n644");
  expect(await host.sh(`grep -h '^[+]mine' ${patches}/*.patch`)).toBe("+mine");

  await gitopper.restart();
  await gitopper.until("app", (row) => row.state === "OK");
  await host.sh("rm /etc/app/conf");
  await untilReloads(scene, 3);
  await gitopper.untilReason("app", null);

  await host.sh("echo again >>/etc/app/conf");
  const braked = "drift: 1 local edit: app/etc/conf (not healed: 3 heals in the last hour)";
  await gitopper.until("app", (row) => row.stateinfo.startsWith(braked));
  await gitopper.restart();
  await gitopper.pull("app");
  await gitopper.until("app", (row) => row.stateinfo.startsWith(braked) && row.state === "OK");
  expect(await host.read("/etc/app/conf")).toBe("one\nagain\n");

  await gitopper.stop();
  const heals = readDeployments(host, "app").filter(({ trigger }) => trigger === "heal");
  expect(heals).toMatchObject([
    { result: "done", reason: "drift: app/etc/conf changed" },
    { result: "done", reason: "drift: app/etc/conf: mode 0600 instead of 0644, app/etc/d/new added" },
    { result: "done", reason: "drift: app/etc/conf changed" },
  ]);
});

test("a unit that changes its own files at each reload is reloaded only as often as the limit allows", async () => {
  const reload = `/bin/sh -c 'echo reload; echo mine >>/etc/app/conf'`;
  await using scene = await healing({ heals_per_hour: 2 }, { execReload: reload });
  const { host, gitopper } = scene;
  await host.sh("echo typed >>/etc/app/conf");
  const braked = "drift: 1 local edit: app/etc/conf (not healed: 2 heals in the last hour)";
  await gitopper.until("app", (row) => row.stateinfo.startsWith(braked));
  expect((await events(host, "app")).filter((event) => event === "reload")).toHaveLength(2);
});

test("files of root in a checkout get their owner back, and keep their content", async () => {
  await using scene = await healing({ user: "daemon" });
  const { host, gitopper } = scene;
  await host.sh(`cd /etc/app; mkdir d; umask 077; echo secret >n; mv n conf; echo more >d/new
    chown root /etc/app; chmod 700 /etc/app`);
  await untilEvent(host, "app", "reload one");
  await gitopper.untilReason("app", null);
  const there = "cd /etc/app; stat --format='%n %U %a' . *";
  expect(await host.sh(there)).toBe(". daemon 755\nconf daemon 644");
  expect(await host.sh(`cat ${patches}/*.files/app/etc/conf ${patches}/*.files/app/etc/d/new`)).toBe(
    "secret\nmore",
  );
});

test("a frozen service keeps local edits, and is healed when it is unfrozen", async () => {
  await using scene = await healing({});
  const { host, gitopper } = scene;
  await gitopper.post("/state/freeze/app");
  await host.sh("echo typed >>/etc/app/conf");
  await gitopper.until("app", (row) => row.stateinfo.includes("(not healed: frozen)"));
  expect(await host.read("/etc/app/conf")).toBe("one\ntyped\n");
  await gitopper.post("/state/unfreeze/app");
  await expect.poll(() => host.read("/etc/app/conf"), { timeout: 20_000 }).toBe("one\n");
});

test("a mount that was removed by hand is named in the history", async () => {
  await using scene = await healing({ drift: "report" });
  const { host, gitopper } = scene;
  await host.run(["umount", "/etc/app"]);
  await gitopper.pull("app");
  await expect
    .poll(async () => (await gitopper.get("/api/v1/services/app/deployments?limit=1")).json, {
      timeout: 20_000,
    })
    .toMatchObject({
      deployments: [{ trigger: "heal", reason: "mount /etc/app was missing", result: "done" }],
    });
});

type Given = NonNullable<Parameters<typeof aScene>[0]>;

/** A host whose service is at rest. */
async function healing(service: Given["service"] & {}, unit: Given["unit"] & {} = {}): Promise<Scene> {
  const scene = await aScene({
    files: { "app/etc/conf": "one\n", ".gitignore": "*.key\n" },
    service: { drift: "heal", ...service },
    unit,
  });
  await untilEvent(scene.host, "app", "start one");
  await scene.gitopper.until("app", (row) => row.state === "OK");
  return scene;
}

async function untilReloads({ host }: Scene, count: number): Promise<void> {
  const reloads = async () => (await events(host, "app")).filter((event) => event === "reload one").length;
  await expect.poll(reloads, { timeout: 20_000 }).toBe(count);
}
