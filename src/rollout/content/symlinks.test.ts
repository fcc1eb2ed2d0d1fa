import { expect, test } from "vitest";
import type { AbsPath, RepoPath } from "../../model/path.ts";
import type { Link } from "../../model/service.ts";
import { symlinkFault } from "./symlinks.ts";

const link = (local: string | null, path: string): Link => ({
  local: local as AbsPath | null,
  link: path as RepoPath,
  file: false,
});
const service = {
  checkout: "/srv/gitopper/app" as AbsPath,
  links: [
    link("/etc/app", "app/etc"),
    link("/etc/other", "other"),
    link("/var/lib/app/plugins", "app/plugins"),
    link("/opt/deep", "app/etc/deep"),
  ],
  symlinksTo: ["/usr/share/app" as AbsPath],
};

test.each([
  ["app/etc/a", "b"],
  ["app/etc/a", "sub/./b"],
  ["app/etc/sub/a", "../b"],
  ["app/etc/a", "."],
  ["app/etc/a", "../other/x"],
  ["app/etc/a", "./../other"],
  ["app/etc/a", "../../var/lib/app/plugins/p"],
  ["app/etc/a", "/etc/other"],
  ["app/etc/a", "/usr/share/app/x"],
  ["app/etc/a", "//usr/share/app"],
  ["app/etc/a", "..data"],
  ["app/etc/a", "what\never"],
  ["app/plugins/a", "../../../../usr/share/app/x"],
  // It is in no link, so nothing of it is seen on the host.
  ["beside/a", "/etc/shadow"],
])("%s -> %s stays inside", (path, target) => {
  expect(symlinkFault(service, path, target)).toBeNull();
});

test.each([
  ["app/etc/a", "/etc/shadow", '"/etc/shadow"'],
  ["app/etc/a", "/etc/application", '"/etc/application"'],
  ["app/etc/a", "/usr/share", '"/usr/share"'],
  ["app/etc/a", "..", '"/etc"'],
  ["app/etc/a", "/", '"/"'],
  // In the repository that would be inside, but it is seen elsewhere.
  ["app/etc/a", "../plugins", '"/etc/plugins"'],
  // It is fine at /etc/app/deep, and at /opt/deep it is not.
  ["app/etc/deep/a", "../x", '"/opt/x"'],
])("%s -> %s is refused, with where it leads", (path, target, where) => {
  const fault = symlinkFault(service, path, target);
  expect(fault).toContain(`the symlink "${path}" leads to ${where}; `);
  expect(fault).toContain("outside_symlinks");
});

test.each(["sub/../b", "/etc/app/../app/x", "../x/y/..", "./b/./..", "a//..", "..a/.."])(
  "%s has a .. after a name, which is elsewhere if that is a symlink",
  (target) => {
    expect(symlinkFault(service, "app/etc/a", target)).toContain('write it without ".." after a name');
  },
);

test.each(["", "b\0/../../..", "x".repeat(4_096)])("%j is no target", (target) => {
  expect(symlinkFault(service, "app/etc/a", target)).toContain("no target that a file system takes");
});

test("what is mounted nowhere is judged where it lies in the checkout", () => {
  const own = { ...service, links: [link(null, "gitopper"), link(null, ".")], symlinksTo: [] };
  expect(symlinkFault(own, "gitopper/a", "../b")).toBeNull();
  expect(symlinkFault(own, "gitopper/a", "../../other")).toContain('leads to "/srv/gitopper/other"');
});

test("a link of the whole repository has every symlink of it", () => {
  const whole = { ...service, links: [link("/srv/www", ".")], symlinksTo: [] };
  expect(symlinkFault(whole, "a/b", "../c")).toBeNull();
  expect(symlinkFault(whole, "a/b", "../../c")).toContain('leads to "/srv/c"');
});
