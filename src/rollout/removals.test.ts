import { expect, test } from "vitest";
import type { AbsPath, RepoPath } from "../model/path.ts";
import { plainService, type Service } from "../model/service.ts";
import { removalFault, removalsOf, renderRemoval } from "./removals.ts";

const aService = (name: string, ...places: string[]): Service => ({
  ...plainService,
  name,
  machine: "web1",
  upstream: "u",
  branch: "main",
  checkout: `/srv/${name}` as AbsPath,
  user: "root",
  links: places.map((local) => ({ local: local as AbsPath, link: "x" as RepoPath, file: false })),
});
const present = [
  { service: "nginx", mounts: ["/srv/www", "/etc/nginx"] },
  { service: "app", mounts: [] },
];

test.each<[string, Service[], string[]]>([
  ["all of it stays", [aService("nginx", "/srv/www", "/etc/nginx"), aService("app")], []],
  ["a place is gone", [aService("nginx", "/etc/nginx"), aService("app")], ["unmounts nginx: /srv/www"]],
  [
    "a service is gone, and another takes over one of its places",
    [aService("web", "/srv/www")],
    ["removes nginx, unmounts /etc/nginx; its unit is left alone", "removes app; its unit is left alone"],
  ],
])("%s", (_, services, lines) => {
  expect(removalsOf(present, services).map(renderRemoval)).toEqual(lines);
});

test("a config may not take away all that a host has", () => {
  expect(removalFault(present, [aService("other")], ["web1"])).toBeNull();
  expect(removalFault([], [], ["web1"])).toBeNull();
  expect(removalFault(present, [], ["web1", "web1.example.org"])).toBe(
    'no service is for this host, which answers to web1, web1.example.org: that would remove all 2 services (nginx, app); correct "machine" or the name of the host, or start gitopper with --allow-removal',
  );
  expect(removalFault(present.slice(0, 1), [], ["web1"])).toContain("remove its last service (nginx);");
});
