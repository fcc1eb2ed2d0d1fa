import { expect, test } from "vitest";
import { parseMountPoints } from "./mountinfo.ts";

test("mountinfo: optional fields, octal escapes", () => {
  const text =
    "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n" +
    "40 35 98:0 /a /etc/my\\040app\\134x rw shared:1 master:2 - ext4 /dev/sda1 rw\n";
  expect(parseMountPoints(text)).toEqual([
    { device: "98:0", root: "/mnt1", point: "/mnt2", options: ["rw", "noatime"] },
    { device: "98:0", root: "/a", point: "/etc/my app\\x", options: ["rw"] },
  ]);
});
