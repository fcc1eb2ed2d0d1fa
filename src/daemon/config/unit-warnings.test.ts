import { expect, test } from "vitest";
import type { AbsPath, RepoPath } from "../../model/path.ts";
import { plainService, type Service } from "../../model/service.ts";
import { type Exec, ExecFailure } from "../../platform/process/exec.ts";
import { missingUnits, observeUnits } from "./unit-warnings.ts";

const aService = (name: string, more: Partial<Service> = {}): Service => ({
  ...plainService,
  name,
  machine: "alpha",
  upstream: "/srv/git",
  branch: "main",
  checkout: `/srv/${name}` as AbsPath,
  user: "root",
  links: [],
  action: "reload",
  ...more,
});
const unitLink = { local: "/etc/systemd/system/own.service" as AbsPath, link: "own" as RepoPath, file: true };

/** A systemd that has `app` alone. */
const exec: Exec = async (argv) => {
  const units = argv.slice(argv.indexOf("--") + 1);
  const stdout = units
    .map((name) => `Id=${name}.service\nLoadState=${name === "app" ? "loaded" : "not-found"}\n`)
    .join("\n");
  return { status: 0, stdout, stderr: "" };
};

test("a unit that is neither here nor brought along is missing", async () => {
  const services = [
    aService("app"),
    aService("ngnix"),
    aService("web", { package: "web" }),
    aService("files", { action: null }),
    aService("own", { links: [unitLink] }),
    aService("other"),
  ];
  expect(missingUnits(services, await observeUnits(services, exec))).toEqual(["ngnix", "other"]);
});

test("without systemd nothing is said", async () => {
  const fails: Exec = async (argv) => {
    throw new ExecFailure(argv, "exit status 1", 1, { stderr: "System has not been booted with systemd" });
  };
  expect(missingUnits([aService("app")], await observeUnits([aService("app")], fails))).toEqual([]);
});
