import { expect, test } from "vitest";
import { aService } from "../builders/config.ts";
import { aScene, type Stage } from "../builders/scene.ts";
import { addService, untilEvent } from "../host/unit.ts";

const files = {
  "app/etc/conf": "one\n",
  "app/etc/sub/part": "part\n",
  "app/single/app.conf": "single\n",
  "app/elsewhere/big": "not needed\n",
  "other/file": "not needed\n",
  README: "readme\n",
};
const dirs = [
  { local: "/etc/app", link: "app/etc" },
  { local: "/opt/deep/down/app", link: "app/etc/sub" },
  { local: "/opt/lone/app.conf", link: "app/single/app.conf", file: true },
];
const template = aService({
  service: "inst@blue",
  user: "appuser",
  dirs: [{ local: "/etc/inst", link: "app/etc" }],
});

async function prepare({ host, upstream }: Stage): Promise<void> {
  await host.run(["useradd", "--system", "--create-home", "appuser"]);
  await host.sh("mkdir /etc/app");
  await addService(host, "inst@blue", { readsFile: "/etc/inst/conf" });
  await upstream.commit({ "app/etc/conf": "two\n" }, { message: "second" });
  await upstream.commit({ "other/file": "x\n" }, { message: "third" });
}

test("a first boot brings files, mounts and units, all of the right user", async () => {
  await using scene = await aScene({ files, prepare, service: { user: "appuser", dirs }, more: [template] });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start two");
  await untilEvent(host, "inst@blue", "start two");
  const tip = await upstream.head();
  await gitopper.until("app", (row) => row.state === "OK" && row.hash === tip);
  await gitopper.until("inst@blue", (row) => row.state === "OK" && row.hash === tip);

  expect(await host.sh("cat /etc/app/sub/part /opt/deep/down/app/part /opt/lone/app.conf")).toBe(
    "part\npart\nsingle",
  );
  for (const { local } of dirs) await host.run(["mountpoint", "--quiet", local]);

  const strangers =
    "find /srv/gitopper/app /srv/gitopper/inst@blue /opt/deep /opt/lone /var/lib/gitopper/stores";
  expect(await host.sh(`${strangers} -mindepth 1 ! -user appuser`)).toBe("");
  expect(await host.sh("stat -c '%U:%G' /opt/deep /opt/lone /srv/gitopper/app")).toBe(
    "appuser:appuser\nappuser:appuser\nappuser:appuser",
  );
  expect(await host.sh("stat -c %U /etc/inst; umount /etc/inst; stat -c %U /etc/inst")).toBe(
    "appuser\nappuser",
  );

  expect(await host.sh("cd /srv/gitopper/app; find . -type f ! -name .git | sort")).toBe(
    ["./README", "./app/etc/conf", "./app/etc/sub/part", "./app/single/app.conf"].join("\n"),
  );
  const log = await host.sh("runuser -u appuser -- git -C /srv/gitopper/app log --format=%s");
  expect(log.split("\n")).toEqual(["third", "second", "change 1"]);
  expect(await host.sh("systemctl is-active app inst@blue; systemctl is-enabled inst@blue")).toBe(
    "active\nactive\nenabled",
  );
});
