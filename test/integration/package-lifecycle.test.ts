/** The package on a bare Debian 12 without systemd, as piuparts(1) tests it. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { repositoryRoot } from "../host/host.ts";
import { buildEnv, builtPackages } from "../host/packages.ts";
import { run } from "../host/run.ts";

test("piuparts installs, upgrades, removes and purges it, and finds nothing left", {
  timeout: 900_000,
}, async () => {
  const before = await builtPackages({ version: "0.0.9", arch: "amd64", debsOnly: true });
  const now = await builtPackages();
  const argv = [
    join(repositoryRoot, "scripts/test-package"),
    before.file("_amd64.deb"),
    now.file("_amd64.deb"),
  ];
  const { stdout } = await run(argv, { env: buildEnv(), timeoutMs: 800_000 });
  expect(stdout).toContain("PASS: All tests.");
});
