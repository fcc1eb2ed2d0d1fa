import { afterAll, beforeAll, expect, test } from "vitest";
import { verifyHealth } from "../../src/health/verify.ts";
import { unitLog } from "../../src/host/systemd/unit-log.ts";
import { createUnitObserver, systemctl } from "../../src/host/systemd/units.ts";
import { Problem } from "../../src/model/problem.ts";
import { untilAborted } from "../../src/platform/abort.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { type Exec, exec } from "../../src/platform/process/exec.ts";
import { bootHost, type TestHost } from "../host/host.ts";
import { inHost } from "../host/machine.ts";
import { addService } from "../host/unit.ts";

let host: TestHost;
const there: Exec = (argv, options) => exec(inHost(host.leaderPid, argv), options);

beforeAll(async () => {
  host = await bootHost({ name: "alpha" });
});
afterAll(() => host.stop());

/** Without signals about changes: by checks alone. Null: it is healthy. */
async function verdictOn(name: string, settleMs: number, mustRun = true): Promise<Problem | null> {
  const ports = {
    clock: systemClock,
    exec: there,
    observeUnit: createUnitObserver(there),
    onProgress: () => {},
    unitChanges: async (_: string, signal: AbortSignal) => void (await untilAborted(signal)),
    unitLog: (unit: string, lines: number) => unitLog(unit, lines, there),
  };
  const account = { name: "root", uid: 0, gid: 0, home: "/root" };
  const health = { settleMs, probes: [], onFailure: "rollback" } as const;
  try {
    await verifyHealth({ unit: { name, mustRun }, health, account }, ports, new AbortController().signal);
    return null;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

const aUnit = async (name: string, service: string) => {
  await host.write(`/etc/systemd/system/${name}.service`, `[Service]\n${service}\n`);
  await host.run(["systemctl", "daemon-reload"]);
};
const start = (name: string) => host.run(["systemctl", "start", name], { allowFailure: true });

test("one that runs is well, and so is a oneshot that has done its work", async () => {
  await addService(host, "app");
  await aUnit("once", "Type=oneshot\nExecStart=/bin/true");
  await start("app");
  await start("once");
  expect(await verdictOn("app", 1_500)).toBeNull();
  expect(await verdictOn("once", 0)).toBeNull();
});

test("a crash loop is noticed long before the end of the stability window", async () => {
  await aUnit(
    "loop",
    "ExecStart=/bin/sh -c 'echo no space; sleep 0.5; exit 3'\nRestart=always\nRestartSec=2",
  );
  await start("loop");
  const problem = await verdictOn("loop", 90_000);
  expect(problem?.message).toMatch(
    /^unit loop (restarted 1 time within \ds|ended within \ds: Result=exit-code, status 3)$/,
  );
  expect(problem?.evidence?.journal).toMatch(/no space/);
  expect(problem?.evidence?.journal.split("\n").length).toBeLessThanOrEqual(20);
});

test("a failed unit is named with how it ended; one that need not run is left alone", async () => {
  await aUnit("dead", "ExecStart=/bin/sh -c 'sleep 0.2; kill -SEGV $$$$'");
  await start("dead");
  const problem = await verdictOn("dead", 90_000);
  expect(problem?.message).toMatch(/^unit dead failed: Result=signal, (SIGSEGV|signal 11)$/);
  expect(await verdictOn("dead", 90_000, false)).toBeNull();
  await host.run(["systemctl", "stop", "app"]);
  expect(await verdictOn("app", 90_000, false)).toBeNull();
  expect((await verdictOn("app", 0))?.message).toBe("unit app is inactive (dead) instead of active");
});

test("a reload that hangs is ended after its time, and hinders neither its unit nor the next reload", async () => {
  await addService(host, "slow", { execReload: "/bin/sh -c 'test -e /run/quick || exec sleep 1118'" });
  await start("slow");
  const reload = { verb: "reload", unit: "slow" };
  await expect(systemctl({ ...reload, timeoutMs: 1_000 }, there)).rejects.toThrow(
    /^Cannot reload "slow": it has not ended after 1s; /,
  );
  await host.write("/run/quick", "");
  await systemctl({ ...reload, timeoutMs: 20_000 }, there);
  expect(await host.sh("systemctl is-active slow; pgrep -f 'sleep [1]118' || true")).toBe("active");
  expect(await host.sh("systemctl list-jobs --no-legend")).toBe("");
});
