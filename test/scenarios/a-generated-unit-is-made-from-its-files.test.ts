import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import { events, untilEvent } from "../host/unit.ts";

/** Makes a unit of each `*.app`, as podman's makes them of containers; the text stands in the unit itself. */
const generator = `#!/bin/sh
for file in /etc/apps/*.app; do
  [ -e "$file" ] || continue
  name=$(basename "$file" .app)
  cat >"$1/$name.service" <<END
[Unit]
SourcePath=$file
[Service]
Type=exec
StandardOutput=append:/var/log/$name.events
ExecStartPre=/usr/local/sbin/record-event "made of $(cat "$file")"
ExecStart=/bin/sleep infinity
END
done
`;

const initScript = (text: string) => `#!/bin/sh
### BEGIN INIT INFO
# Provides: legacy
# Default-Start: 2 3 4 5
### END INIT INFO
echo "$1 ${text}" >>/var/log/legacy.events
`;

test("units that are generated from deployed files exist at once, and are generated again with each change", async () => {
  await using scene = await aScene({
    files: {
      "app/etc/conf": "one\n",
      "gen/gen.app": "one\n",
      "legacy/legacy": { text: initScript("one"), mode: "100755" },
      "drop/drop.conf": "[Service]\nExecStartPre=/usr/local/sbin/record-event one\n",
    },
    more: [
      aMore("gen", { local: "/etc/apps", link: "gen" }),
      aMore("legacy", { local: "/etc/init.d/legacy", link: "legacy/legacy", file: true }),
      aMore("drop", { local: "/etc/drop", link: "drop" }),
    ],
    prepare: async ({ host }) => {
      await host.write("/etc/systemd/system-generators/apps", generator, "0755");
      // What systemd knows the drop-in by is a symlink that is not deployed.
      await host.sh("mkdir /etc/systemd/system/drop.service.d");
      await host.run(["ln", "-s", "/etc/drop/drop.conf", "/etc/systemd/system/drop.service.d/"]);
      await host.write(
        "/etc/systemd/system/drop.service",
        "[Service]\nType=exec\nStandardOutput=append:/var/log/drop.events\nExecStart=/bin/sleep infinity\n",
      );
    },
  });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "gen", "made of one");
  await untilEvent(host, "legacy", "start one");
  await untilEvent(host, "drop", "one");
  const names = ["gen", "legacy", "drop"];
  for (const name of names) await gitopper.until(name, ({ state, hash }) => state === "OK" && hash !== "");

  const second = await upstream.commit({
    "gen/gen.app": "two\n",
    "legacy/legacy": { text: initScript("two"), mode: "100755" },
    "drop/drop.conf": "[Service]\nExecStartPre=/usr/local/sbin/record-event two\n",
  });
  for (const name of names) await gitopper.pull(name);
  for (const name of names)
    await gitopper.until(name, ({ state, hash }) => state === "OK" && hash === second);
  expect(await events(host, "gen")).toEqual(["made of one", "made of two"]);
  expect((await events(host, "legacy")).at(-1)).toBe("start two");
  expect(await events(host, "drop")).toEqual(["one", "two"]);
  const stale = await host.sh(`systemctl show --value --property=NeedDaemonReload ${names.join(" ")}`);
  expect(stale.split("\n").filter(Boolean)).toEqual(["no", "no", "no"]);
});

function aMore(service: string, dir: { local: string; link: string; file?: boolean }) {
  return { machine: "alpha", service, action: "restart", dirs: [dir] };
}
