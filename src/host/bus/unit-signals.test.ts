import { expect, test } from "vitest";
import type { Header } from "./dbus.ts";
import { readSignal, unitMatch, unitPath } from "./unit-signals.ts";

test("a unit's object: as `systemctl show` and systemd-escape would have it", () => {
  const under = "/org/freedesktop/systemd1/unit";
  expect(unitPath("nginx")).toBe(`${under}/nginx_2eservice`);
  expect(unitPath("logrotate.timer")).toBe(`${under}/logrotate_2etimer`);
  expect(unitPath("app@eu-1.service")).toBe(`${under}/app_40eu_2d1_2eservice`);
  expect(unitPath("9p")).toBe(`${under}/_39p_2eservice`);
  expect(unitPath("a_b.c")).toBe(`${under}/a_5fb_2ec_2eservice`);
});

test("one rule for one unit, which the bus keeps to", () => {
  expect(unitMatch(unitPath("app")).argument).toContain(
    "path='/org/freedesktop/systemd1/unit/app_2eservice'",
  );
});

const signal = (from: string, changes: Partial<Header>): Header => ({
  type: "signal",
  ...{ path: "/a", interface: "", member: "", replyTo: 0, error: "" },
  sender: from,
  ...changes,
});
const properties = { interface: "org.freedesktop.DBus.Properties", member: "PropertiesChanged" };
const reloading = { interface: "org.freedesktop.systemd1.Manager", member: "Reloading" };
const owner = { interface: "org.freedesktop.DBus", member: "NameOwnerChanged" };

test("only signals of systemd and the bus count", () => {
  const heard = (from: string, changes: Partial<Header>) => readSignal(signal(from, changes), ":1.2");
  expect(heard(":1.2", properties)).toEqual({ of: "unit", path: "/a" });
  expect(heard(":1.2", reloading)).toEqual({ of: "all" });
  expect(heard("org.freedesktop.DBus", owner)).toEqual({ of: "another-systemd" });
  expect(heard("org.freedesktop.DBus", { ...owner, member: "NameAcquired" })).toBeNull();
  for (const what of [properties, reloading, owner]) expect(heard(":1.3", what)).toBeNull();
  expect(readSignal(signal("", properties), null)).toBeNull();
});
