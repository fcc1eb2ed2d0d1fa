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

test("what is mounted inside, around or beneath it and stays is in the way", () => {
  const app = mounted("/etc/app");
  const inTheWay = (...args: Parameters<typeof planRelease>) => planRelease(...args)[0]?.inTheWay;
  expect(inTheWay(app, points("/etc/app", "/etc/app/run"))).toMatch(/^"\/etc\/app\/run" is a mount too/);
  expect(inTheWay(app, points("/etc/app/run", "/etc/app"))).toMatch(/beneath it at "\/etc\/app\/run"/);
  const around = ["/etc/app/conf.d", "/etc"] as AbsPath[];
  expect(inTheWay(app, points("/etc/app"), around)).toMatch(/^"\/etc" is a mount too/);
  expect(inTheWay(app, points("/etc/app", "/etc/app", "/etc/apple/x"))).toBeNull();
});

test("a mount that was made before the one around it is hidden, and known", () => {
  const both = mounted("/etc/app", "/etc/app/conf.d");
  const [planned] = planRelease(both, points("/etc/app/conf.d", "/etc/app", "/etc/app/conf.d"));
  expect(planned).toMatchObject({ hidden: ["/etc/app/conf.d"], inTheWay: null });
});
