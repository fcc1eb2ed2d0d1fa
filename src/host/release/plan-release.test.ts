import { expect, test } from "vitest";
import type { AbsPath } from "../../model/path.ts";
import { planRelease } from "./plan-release.ts";

const mounted = (...targets: string[]) =>
  targets.map((target) => ({
    service: "app",
    target: target as AbsPath,
    ours: { checkout: "/srv/app" as AbsPath },
  }));
const points = (...paths: string[]) => paths.map((point) => ({ point }));
const shape = (...args: Parameters<typeof planRelease>) =>
  planRelease(...args).map(({ target, inside, inTheWay }) => [
    target,
    inside.map((each) => each.target),
    inTheWay,
  ]);

test("mounts inside another go with it, wherever they stand in the list", () => {
  const all = mounted("/etc/app/a/b", "/etc/app", "/etc/apple", "/etc/app/a");
  expect(shape(all, points("/", "/etc/app", "/etc/apple", "/etc/app/a", "/etc/app/a/b"))).toEqual([
    ["/etc/app", ["/etc/app/a/b", "/etc/app/a"], null],
    ["/etc/apple", [], null],
  ]);
});

test("what is mounted inside or around it and stays is in the way; what is beneath it is not", () => {
  const app = mounted("/etc/app");
  expect(shape(app, points("/etc/app", "/etc/app/run"))).toEqual([["/etc/app", [], "/etc/app/run"]]);
  expect(shape(app, points("/etc/app/run", "/etc/app"))).toEqual([["/etc/app", [], null]]);
  expect(shape(app, points("/etc/app"), ["/etc/app/conf.d" as AbsPath, "/etc" as AbsPath])).toEqual([
    ["/etc/app", [], "/etc"],
  ]);
});
