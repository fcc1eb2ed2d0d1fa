import { expect, test } from "vitest";
import { type ChangedFile, touchesUnitFiles, unitsToVerify } from "./unit-files.ts";

const at = "/etc/systemd/system";
const changed = (path: string, is: ChangedFile["is"] = "file"): ChangedFile => ({ path, is });
const none = () => false;

test("unit files and drop-ins name the units to verify", () => {
  const files = [
    changed(`${at}/app.service`),
    changed("/usr/lib/systemd/system/b.timer"),
    changed(`${at}/c.socket.d/override.conf`),
    changed(`${at}/t@.service`),
    changed(`${at}/t@x.service.d/x.conf`),
  ];
  expect(unitsToVerify(files, (unit) => unit === "c.socket")).toEqual([
    ...["app.service", "b.timer", "c.socket", "t@.service", "t@x.service"],
  ]);
});

test("what defines no unit, or many, is passed over", () => {
  const files = [
    changed(`${at}/README.md`),
    changed(`${at}/-x.service`, "symlink"),
    changed(`${at}/multi-user.target.wants/app.service`),
    changed(`${at}/service.d/all.conf`),
    changed(`${at}/app-.service.d/all.conf`),
    changed(`${at}/app.service.d/notes.txt`),
    changed("/etc/app/app.service"),
    changed(`${at}/alias.service`, "symlink"),
    changed(`${at}/gone.service`, "gone"),
  ];
  expect(unitsToVerify(files, () => true)).toEqual([]);
});

test("a drop-in counts when its unit is there with the commit", () => {
  const dropIn = changed(`${at}/app.service.d/x.conf`, "gone");
  expect(unitsToVerify([dropIn], none)).toEqual([]);
  expect(unitsToVerify([dropIn], () => true)).toEqual(["app.service"]);
  expect(unitsToVerify([dropIn, changed(`${at}/app.service`, "gone")], () => true)).toEqual([]);
  expect(unitsToVerify([dropIn, changed(`${at}/app.service`)], none)).toEqual(["app.service"]);
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
