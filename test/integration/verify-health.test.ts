import { getEventListeners, once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { Problem } from "../../src/model/problem.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { FakeClock } from "../builders/fake-clock.ts";
import { aProbe, aServer, http, running, verdict } from "./a-verification.ts";

const app = { name: "app", mustRun: true };
const failed = { ...running, active: "failed", sub: "failed", result: "exit-code", ended: "status 1" };

/** A clock that stands still: what ends by it never ends. */
const standing = () => new FakeClock("2026-11-25T00:00:00Z");

test("a unit that fails ends it at once, with the last lines of its journal", async () => {
  const looks = [running, running, failed];
  const asked: unknown[] = [];
  const clock = standing();
  const pending = verdict({
    unit: app,
    settleMs: 60_000,
    ports: {
      clock,
      observeUnit: async () => looks.shift() ?? failed,
      unitChanges: async () => {},
      unitLog: async (...which) => {
        asked.push(which);
        return ["starting", "cannot open /etc/app/conf"];
      },
    },
  });
  // Changes in quick succession are not all checked.
  for (let looksLeft = 2; looksLeft > 0; looksLeft -= 1) {
    await expect.poll(() => clock.sleeping()).toContain(100);
    clock.advance(100);
  }
  const problem = await pending;
  expect(problem?.message).toBe("unit app failed: Result=exit-code, status 1");
  expect(problem?.evidence).toEqual({ output: "", journal: "starting\ncannot open /etc/app/conf" });
  expect(asked).toEqual([["app", 20]]);
});

test("without signals about changes a restart is noticed by a check each second", async () => {
  const clock = standing();
  let restarts = 3;
  const pending = verdict({
    unit: app,
    settleMs: 60_000,
    ports: { clock, observeUnit: async () => ({ ...running, restarts }) },
  });
  await expect.poll(() => clock.sleeping()).toContain(1_000);
  restarts = 5;
  clock.advance(1_000);
  expect((await pending)?.message).toBe("unit app restarted 2 times within 1s");
});

test("a manual start resets the restarts of a unit", async () => {
  const looks = [3, 0, 0];
  const observeUnit = async () => ({ ...running, restarts: looks.shift() ?? 1 });
  const clock = standing();
  const pending = verdict({ unit: app, settleMs: 60_000, ports: { clock, observeUnit } });
  for (let look = 0; look < 3; look += 1) {
    await expect.poll(() => clock.sleeping()).toContain(1_000);
    clock.advance(1_000);
  }
  expect((await pending)?.message).toBe("unit app restarted 1 time within 3s");
});

test("a unit that is not active when it has to have settled has failed; one that came to be so has not", async () => {
  const starting = { ...running, active: "activating", sub: "start" };
  const late = await verdict({ unit: app, settleMs: 50, ports: { observeUnit: async () => starting } });
  expect(late?.message).toBe("unit app is activating (start) instead of active");
  const looks = [starting];
  const inTime = { observeUnit: async () => looks.shift() ?? running };
  expect(await verdict({ unit: app, settleMs: 50, ports: inTime })).toBeNull();
  expect((await verdict({ unit: app, ports: { observeUnit: async () => failed } }))?.message).toMatch(
    / failed: /,
  );
});

test("a failed query of systemd is repeated, and the failure names systemd when it never answers", async () => {
  const busy = new Problem("host", "Cannot ask systemd about its units: busy");
  const looks = [() => Promise.reject(busy)];
  const once = { observeUnit: async () => looks.shift()?.() ?? running };
  expect(await verdict({ unit: app, settleMs: 20, ports: once })).toBeNull();
  const never = { observeUnit: () => Promise.reject(busy) };
  expect((await verdict({ unit: app, settleMs: 20, ports: never }))?.message).toBe(busy.message);
});

test("a service with a manually stopped unit is left alone, and not probed", async () => {
  let asked = 0;
  await using server = await aServer((_, response) => response.writeHead(503).end(String(++asked)));
  const stopped = { ...running, active: "inactive", sub: "dead" };
  const ports = { clock: standing(), observeUnit: async () => stopped };
  const probes = [aProbe(http(server.url))];
  expect(await verdict({ unit: { ...app, mustRun: false }, settleMs: 60_000, probes, ports })).toBeNull();
  expect(asked).toBe(0);
});

test("a stop ends the watch of a unit that need not run, and of its probes", async () => {
  await using down = await aServer((_, response) => response.writeHead(503).end());
  const atRest = { ...running, active: "inactive", sub: "dead" };
  const looks = [running, running];
  const stops = { observeUnit: async () => looks.shift() ?? atRest, unitChanges: async () => {} };
  const left = { ...app, mustRun: false };
  const probes = [aProbe(http(down.url), { deadlineMs: 60_000 })];
  expect(await verdict({ unit: left, settleMs: 60_000, probes, ports: stops })).toBeNull();
  const seen = [running, running];
  const late = { observeUnit: async () => seen.shift() ?? atRest };
  expect(
    await verdict({ unit: left, settleMs: 60_000, probes: [aProbe(http(down.url))], ports: late }),
  ).toBeNull();
});

test("a slow probe delays neither other probes nor the report of their failure", async () => {
  await using slow = await aServer(() => {});
  await using down = await aServer((_, response) => response.writeHead(500).end());
  const hangs = Array.from({ length: 20 }, () => aProbe(http(slow.url), { timeoutMs: 60_000 }));
  const problem = await verdict({ probes: [...hangs, aProbe(http(down.url))] });
  expect(problem?.message).toBe(`http ${down.url} answered 500 instead of 200`);
});

test("an unreadable journal costs the lines, not the reason", async () => {
  const ports = { observeUnit: async () => failed, unitLog: () => Promise.reject(new Error("no")) };
  expect((await verdict({ unit: app, ports }))?.evidence).toEqual({ output: "", journal: "" });
});

test("when it is over nothing is left: no socket, no timer, no listener, whatever the end", async () => {
  await using hangs = await aServer(() => {});
  await using fine = await aServer((_, response) => response.end("fine"));
  const forever = { timeoutMs: 60_000, deadlineMs: 60_000 };
  const slow = [
    aProbe(http(hangs.url), forever),
    aProbe({ kind: "tcp", host: "127.0.0.1", port: hangs.port }),
  ];
  const command = aProbe({ kind: "command", argv: ["sleep", "60"] }, forever);
  const stop = new AbortController();
  await expect.poll(ownResources).not.toContain("TCPSocketWrap");
  const before = ownResources();
  let sleepers = 0;
  const sleep = async (ms: number, signal: AbortSignal) => {
    sleepers += 1;
    await systemClock.sleep(ms, signal);
    sleepers -= 1;
  };
  const clock = { ...systemClock, sleep };
  const failing = { unit: app, settleMs: 60_000, probes: [...slow, command], ports: { clock } };
  expect(
    await verdict({ ...failing, ports: { clock, observeUnit: async () => failed }, signal: stop.signal }),
  ).not.toBeNull();
  expect(
    await verdict({
      probes: [aProbe(http(fine.url))],
      settleMs: 30,
      unit: app,
      ports: { clock },
      signal: stop.signal,
    }),
  ).toBeNull();
  expect(getEventListeners(stop.signal, "abort")).toEqual([]);
  const arrived = once(hangs.server, "request");
  const stopped = verdict({ ...failing, signal: stop.signal });
  await arrived;
  stop.abort();
  expect(await stopped).toBeNull();
  await setImmediate();
  expect(sleepers).toBe(0);
  // The sockets of the server's side see it a little later, as a killed process is seen.
  await expect.poll(ownResources, { timeout: 10_000 }).toEqual(before);
});

/** What keeps this process busy, besides what the test runner has. */
function ownResources(): string[] {
  const mine = ["TCPSocketWrap", "ProcessWrap", "PipeWrap", "TCPConnectWrap"];
  return process
    .getActiveResourcesInfo()
    .filter((name) => mine.includes(name))
    .sort();
}
