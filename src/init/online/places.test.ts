import { expect, test } from "vitest";
import type { AbsPath } from "../../model/path.ts";
import { plainService, type Service } from "../../model/service.ts";
import { placesIn } from "./places.ts";

const aService = (name: string, machine = "web1"): Service => ({
  ...plainService,
  ...{ name, machine, upstream: "/up", branch: "main", user: "root" },
  checkout: `/srv/${name}` as AbsPath,
});
const places = placesIn({
  global: { upstream: "/up" },
  services: [
    { machine: "web2", service: "nginx" },
    { machine: "web1", service: "nginx", branch: "canary", dirs: [{ link: "a" }, { link: "./b/" }] },
  ],
});

test("a value is at the service's own key, else in [global], else nowhere but at the service", () => {
  const nginx = aService("nginx");
  expect(places.key(nginx, "branch")).toEqual(["services", 1, "branch"]);
  expect(places.key(nginx, "upstream")).toEqual(["global", "upstream"]);
  expect(places.key(nginx, "service")).toEqual(["services", 1, "service"]);
  expect(places.key(aService("nginx", "web2"), "branch")).toEqual(["services", 0]);
});

test("a link is found in whatever spelling the config has it", () => {
  expect(places.link(aService("nginx"), "b")).toEqual(["services", 1, "dirs", 1, "link"]);
  expect(places.link(aService("nginx"), "c")).toEqual(["services", 1]);
});
