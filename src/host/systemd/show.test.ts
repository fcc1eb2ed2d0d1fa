import { expect, test } from "vitest";
import { parseShow } from "./show.ts";

test("systemctl show prints one block per unit, in the order of the request", () => {
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
