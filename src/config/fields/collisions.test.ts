import { expect, test } from "vitest";
import { renderConfigError } from "../errors/config-error.ts";
import { readConfig } from "../read-config.ts";

interface Entry {
  readonly machine?: string;
  readonly service: string;
  readonly mount?: string;
  readonly locals?: readonly string[];
}

/** Errors of a config with these services; the n-th one, from 0, starts at line 2 + 5n. */
async function errorsOf(...entries: readonly Entry[]): Promise<readonly string[]> {
  const tables = entries.map(({ machine = "web1", service, mount = "/srv", locals = [] }) =>
    [
      "[[services]]",
      `machine = "${machine}"`,
      `service = "${service}"`,
      `mount = "${mount}"`,
      `dirs = [${locals.map((local) => `{ local = "${local}", link = "a" }`).join(", ")}]`,
    ].join("\n"),
  );
  const context = {
    hosts: ["web1", "alias"],
    userExists: () => true,
    groupExists: () => true,
    defaultUser: "root",
  };
  const result = await readConfig(`global.upstream = "/git"\n${tables.join("\n")}`, context);
  return result.ok ? [] : result.errors.map((error) => renderConfigError("c", error));
}

test("a name twice, under two names of this host, with and without the suffix", async () => {
  expect(await errorsOf({ service: "a" }, { service: "a.service", machine: "ALIAS" })).toEqual([
    'c:9:1: services[1].service: "a.service" is also services[0].service; give each service of a host a name of its own (see line 4)',
  ]);
});

test("a name twice on another host", async () => {
  const errors = await errorsOf(
    { service: "a", machine: "db" },
    { service: "a", machine: "DB", mount: "/b" },
  );
  expect(errors).toHaveLength(1);
});

test("a local path twice, in one service and in two", async () => {
  expect(await errorsOf({ service: "a", locals: ["/x", "/x/"] }, { service: "b", locals: ["//x"] })).toEqual([
    'c:6:41: services[0].dirs[1].local: "/x" is also services[0].dirs[0].local; mount one link there (see line 6)',
    'c:11:11: services[1].dirs[0].local: "/x" is also services[0].dirs[0].local; mount one link there (see line 6)',
  ]);
});

test("a checkout inside another one", async () => {
  expect(await errorsOf({ service: "b", mount: "/srv/a/x" }, { service: "a" })).toEqual([
    'c:5:1: services[0].mount: the checkout "/srv/a/x/b" would be inside that of services[1]; use another directory (see line 7)',
  ]);
});

test.each(["/srv/a", "/srv"])("a mount at %s that hides a checkout", async (local) => {
  expect(await errorsOf({ service: "a" }, { service: "b", mount: "/m", locals: [local] })).toEqual([
    'c:11:11: services[1].dirs[0].local: a mount there would hide the checkout "/srv/a" of services[0]; use another path (see line 2)',
  ]);
});

test("a mount inside a checkout", async () => {
  expect(await errorsOf({ service: "a", locals: ["/srv/a/etc"] })).toEqual([
    'c:6:11: services[0].dirs[0].local: "/srv/a/etc" is inside the checkout of services[0]; use a path outside of it (see line 2)',
  ]);
});

test("the same names and paths on two hosts, and neighbours with a common beginning", async () => {
  const locals = ["/etc/a"];
  expect(await errorsOf({ service: "a", locals }, { service: "a", locals, machine: "db" })).toEqual([]);
  expect(await errorsOf({ service: "a" }, { service: "ab", locals: ["/srv/abc", "/etc/a"] })).toEqual([]);
});
