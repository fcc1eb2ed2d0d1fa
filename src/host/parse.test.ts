import { describe, expect, test } from "vitest";
import type { AbsPath } from "../model/path.ts";
import { parseMountPoints } from "../platform/files/mountinfo.ts";
import { parsePasswd } from "./accounts.ts";
import { oursAt } from "./mounts/mounts.ts";
import { packageManagers } from "./packages.ts";
import { parseShow } from "./systemd/show.ts";
import { touchesUnitFiles } from "./systemd/unit-files.ts";

test("mountinfo: optional fields, octal escapes", () => {
  const text =
    "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n" +
    "40 35 98:0 /a /etc/my\\040app\\134x rw shared:1 master:2 - ext4 /dev/sda1 rw\n";
  expect(parseMountPoints(text)).toEqual([
    { device: "98:0", root: "/mnt1", point: "/mnt2", options: ["rw", "noatime"] },
    { device: "98:0", root: "/a", point: "/etc/my app\\x", options: ["rw"] },
  ]);
});

test("a mount of ours is known by what it shows, also after its checkout was set aside", () => {
  const points = [
    { point: "/", device: "8:1", root: "/", options: [] },
    { point: "/srv", device: "8:2", root: "/@srv", options: [] },
  ];
  const seen = (...roots: string[]) => {
    const mounts = [...points, ...roots.map((root) => ({ point: "/etc", device: "8:2", root, options: [] }))];
    return oursAt(
      { checkout: "/srv/app" as AbsPath, sources: ["8:3 /old/app"] },
      "/etc" as AbsPath,
      Map.groupBy(mounts, ({ point }) => point),
    );
  };
  const ours = "/@srv/app/app/etc";
  expect([ours, "/@srv/app.aside-2026T1Z/app/etc", `${ours}//deleted`].map((root) => seen(root))).toEqual(
    Array(3).fill("on top"),
  );
  expect(["/", "/@srv/app2/app/etc", "/srv/app/app/etc"].map((root) => seen(root))).toEqual(
    Array(3).fill("none"),
  );
  const moved = { point: "/etc", device: "8:3", root: "/old/app/app/etc", options: [] };
  const table = Map.groupBy([...points, moved], ({ point }) => point);
  const at = (sources: string[]) =>
    oursAt({ checkout: "/srv/app" as AbsPath, sources }, "/etc" as AbsPath, table);
  expect([at(["8:3 /old/app"]), at(["8:2 /old/app"]), at([])]).toEqual(["on top", "none", "none"]);
  expect([seen(), seen(ours, "/"), seen("/", ours)]).toEqual(["none", "covered", "on top"]);
});

test("systemctl show: a block a unit, in the order asked", () => {
  const text =
    "Type=exec\nNRestarts=2\nExecMainCode=3\nExecMainStatus=11\nResult=core-dump\nId=a.service\nJob=12\n" +
    "TriggeredBy=a.socket\nLoadState=loaded\nActiveState=activating\nSubState=auto-restart\n" +
    "FragmentPath=/lib/systemd/system/a.service\nDropInPaths=/etc/x.conf /etc/y.conf\nSourcePath=/etc/init.d/a\n" +
    "CanReload=yes\nTriggers=b.service c.service\nWantedBy=multi-user.target\nRequiredBy=\nUnitFileState=enabled\n" +
    "StateChangeTimestamp=Tue 2026-11-24 21:53:30 UTC\nActiveEnterTimestamp=\nNeedDaemonReload=yes\n\n" +
    "Result=success\nId=b.timer\nLoadState=not-found\nActiveState=inactive\nUnitFileState=\nNeedDaemonReload=no\n";
  const [died, timer, ...none] = parseShow(text);
  expect(died).toEqual({
    id: "a.service",
    load: "loaded",
    active: "activating",
    sub: "auto-restart",
    result: "core-dump",
    queued: true,
    type: "exec",
    file: "enabled",
    needsDaemonReload: true,
    ended: "SIGSEGV",
    restarts: 2,
    triggered: true,
    wanted: true,
    triggers: ["b.service", "c.service"],
    canReload: true,
    changedAt: new Date("2026-11-24T21:53:30Z"),
    activeAt: null,
    files: ["/lib/systemd/system/a.service", "/etc/init.d/a", "/etc/x.conf", "/etc/y.conf"],
  });
  expect(timer).toMatchObject({
    id: "b.timer",
    load: "not-found",
    restarts: 0,
    queued: false,
    changedAt: null,
  });
  expect(none).toEqual([]);
});

test("passwd: home is / where there is none", () => {
  expect(parsePasswd("root:x:0:0:root:/root:/bin/bash\nsvc:*:997:996::\n")).toEqual([
    { name: "root", uid: 0, gid: 0, home: "/root" },
    { name: "svc", uid: 997, gid: 996, home: "/" },
  ]);
});

test("unit directories: in them, them, and above them", () => {
  const touching = [
    "/etc/systemd/system/app.service",
    "/etc/systemd/system",
    "/etc/systemd",
    "/usr/lib/systemd/system/x",
  ];
  expect(touching.filter(touchesUnitFiles)).toEqual(touching);
  expect(["/etc/app", "/etc/systemd/network", "/etc/systemd/system2"].filter(touchesUnitFiles)).toEqual([]);
});

describe("package managers", () => {
  test("each installs without a question and has a query of its own", () => {
    for (const manager of packageManagers) {
      expect(manager.install("hello").at(-1)).toBe("hello");
      expect(manager.install("hello").join(" ")).toMatch(
        /--yes|--assumeyes|--noconfirm|--non-interactive|--no-interactive/,
      );
      expect(manager.query("hello").at(-1)).toBe("hello");
    }
  });
  test("Debian: a package of which only the configuration is left is not installed", () => {
    const [apt] = packageManagers;
    expect(apt?.installed(0, "installed\n")).toBe(true);
    expect(apt?.installed(0, "config-files\n")).toBe(false);
    expect(apt?.installed(1, "")).toBe(false);
  });
});
