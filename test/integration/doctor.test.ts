import { expect, test } from "vitest";
import { examine } from "../../src/control/doctor/doctor.ts";
import { composeChecks } from "../../src/daemon/compose.ts";
import { type Exec, exec } from "../../src/platform/process/exec.ts";
import { FakeClock } from "../builders/fake-clock.ts";
import { aDaemonSetup, runDaemonAt } from "./a-daemon.ts";
import { anUpstream } from "./a-store.ts";

test("a store that takes long to measure is a warning of its own, and the answer comes all the same", async () => {
  const upstream = anUpstream("doctor", { "app/conf": "one\n" });
  const slowly: Exec = (argv, options) => exec(argv[0] === "du" ? ["sleep", "60"] : argv, options);
  const setup = aDaemonSetup(upstream.path, new FakeClock("2026-11-24T12:00:00Z"));
  await using daemon = runDaemonAt(setup, [], { exec: slowly });
  await daemon.until(() => daemon.commit() === upstream.first);
  await daemon.loop.idle();

  const files = { cert: null, key: null, clientCa: null };
  const api = { group: null, ...files, clients: [], insecure: false, loopback: "read" } as const;
  const host = { names: ["alpha"], settings: { keys: [], api, webhooks: [] } };
  const startedMs = performance.now();
  const checks = await examine(composeChecks([daemon.loop], host, daemon.context));
  // gitopperctl waits 10 s for it.
  expect(performance.now() - startedMs).toBeLessThan(9_000);
  expect(checks.filter(({ name }) => name.startsWith("store "))).toEqual([
    expect.objectContaining({
      result: "warning",
      detail: "not measured in 5 s: it has very many files, or its disk is slow",
      remedy: expect.stringMatching(/^see where the files are: du --inodes .*\/stores\//),
    }),
  ]);
});
