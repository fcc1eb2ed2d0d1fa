import { expect, test } from "vitest";
import { mount } from "../builders/config.ts";
import { aScene } from "../builders/scene.ts";
import { events, untilEvent } from "../host/unit.ts";

const state = "/var/lib/gitopper/state.db";

test("a damaged state file is set aside and reported; the files are mounted all the same, and local edits are saved", async () => {
  await using scene = await aScene({
    unit: { extra: "[Unit]\nAfter=gitopper.service\nRequires=gitopper.service" },
    prepare: ({ host }) => host.run(["systemctl", "enable", "--quiet", "app"]),
  });
  const { host, gitopper, served, upstream } = scene;
  await untilEvent(host, "app", "start one");
  const first = await upstream.head();
  await gitopper.until("app", (row) => row.state === "OK");

  // Down without a goodbye, with a disk that has lost a part of the file, and no network when it is up again.
  await served.down();
  await gitopper.stop();
  await host.write(`${mount}/app/app/etc/conf`, "typed\n");
  await host.sh(
    `rm -f ${state}-wal && dd if=/dev/urandom of=${state} bs=4096 count=3 conv=notrunc status=none`,
  );
  await host.reboot("power-cut");

  const row = await gitopper.until("app", ({ state: is }) => is === "DIFF");
  expect(row.hash).toBe(first);
  expect(await events(host, "app")).toEqual(["start one", "stop", "start typed", "reload one"]);
  expect(await host.sh("cat /var/lib/gitopper/patches/app/*.patch")).toContain("+typed");
  const { stdout } = await gitopper.tryCtl("doctor", "@");
  expect(stdout).toMatch(/state .*state\.db\.broken-\S+ was damaged/);
  expect((await gitopper.get("/metrics")).text).toContain("gitopper_damaged_files 1\n");
  expect(await host.sh("journalctl -b -p err -o cat -u gitopper")).toMatch(
    /state\.db is damaged .* tokens of before are gone/,
  );

  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await served.up();
  await gitopper.pull("app");
  await gitopper.until("app", ({ state: is, hash }) => is === "OK" && hash === second);
  expect(await host.read("/etc/app/conf")).toBe("two\n");
});
