import { expect, test } from "vitest";
import { account, aLog, commitOf, FakeRecords, named } from "../../test/builders/a-group.ts";
import type { PackageManager } from "../host/packages.ts";
import { infoOf } from "../model/state.ts";
import type { Exec } from "../platform/process/exec.ts";
import { createPackages } from "../reconcile/host/packages.ts";
import { createServices, findUserOrReport, type Group, groupServices } from "./create-services.ts";

const notRun = async () => {
  throw new Error("no git is to run");
};
const [app, web] = [named("app", { package: "app" }), named("web")];
const group: Group = { upstream: app.upstream, user: "app", services: [app, web] };
const passwd = "app:x:0:0::/var/lib/app:/bin/sh\n";

/** `getent` finds the user of the group from the `foundAt`-th time on; every other program succeeds. */
function aHost(foundAt: number) {
  const programs: string[] = [];
  let lookups = 0;
  const exec: Exec = async (argv) => {
    if (argv[0] !== "getent") programs.push(argv.join(" "));
    const stdout = argv[0] === "getent" && ++lookups >= foundAt ? passwd : "";
    return { status: 0, stdout, stderr: "" };
  };
  return { exec, programs };
}

async function resolved(
  exec: Exec,
  manager: PackageManager | null,
  packages = createPackages(manager, exec),
) {
  const records = new FakeRecords().deployed("app", commitOf("a")).deployed("web", commitOf("a"));
  const found = await findUserOrReport(group, { exec, packages, records, log: aLog().log });
  const infos = group.services.map(({ name }) => infoOf(records.get(name).state));
  return { home: found?.home ?? null, infos };
}

test("services with the same upstream and user are one group, in the order of the config", () => {
  const other = named("other", { upstream: "https://example.com/other" });
  const groups = groupServices([app, named("own", { user: "own" }), other, web]);
  expect(groups.map(({ user, services }) => [user, ...services.map(({ name }) => name)])).toEqual([
    ["root", "app", "web"],
    ["own", "own"],
    ["root", "other"],
  ]);
});

test("a user's name and an upstream do not run into each other", () => {
  const services = [
    named("app", { upstream: "/srv/a", user: "b" }),
    named("web", { upstream: "/srv/", user: "ab" }),
  ];
  expect(groupServices(services)).toHaveLength(2);
  expect(groupServices([])).toEqual([]);
});

test("the services of a group share store and history", () => {
  const stateDir = "/state" as typeof app.checkout;
  const [one, two] = createServices(group, account, {
    git: notRun,
    readOnlyGit: notRun,
    stateDir,
  });
  expect(one?.store).toBe(two?.store);
  expect(one?.history).toBe(two?.history);
});

test("a user that exists needs no package", async () => {
  const { exec, programs } = aHost(1);
  expect(await resolved(exec, null)).toEqual({ home: "/var/lib/app", infos: ["", ""] });
  expect(programs).toEqual([]);
});

const manager = {
  program: "/usr/bin/pm",
  query: (name: string) => ["pm", "query", name],
  installed: (stdout: string) => stdout === "installed",
  install: (name: string) => ["pm", "install", name],
};

test("the packages of a group may bring its user", async () => {
  const { exec, programs } = aHost(2);
  expect(await resolved(exec, manager)).toMatchObject({ home: "/var/lib/app" });
  expect(programs).toEqual(["pm query app", expect.stringMatching(/ pm install app$/)]);
});

test("a user that stays missing fails every service of the group", async () => {
  const { home, infos } = await resolved(aHost(9).exec, manager);
  expect(home).toBeNull();
  expect(infos.map((info) => info.includes('Cannot use user "app"'))).toEqual([true, true]);
});

test("a package that did not bring the user is searched again at the next try", async () => {
  const { exec, programs } = aHost(9);
  const packages = createPackages(manager, exec);
  await resolved(exec, manager, packages);
  const first = [...programs];
  await resolved(exec, manager, packages);
  expect(programs).toEqual([...first, ...first]);
});

test("a host without a package manager reports it", async () => {
  const { home, infos } = await resolved(aHost(9).exec, null);
  expect(home).toBeNull();
  expect(infos[0]).toContain('Cannot install package "app"');
});
