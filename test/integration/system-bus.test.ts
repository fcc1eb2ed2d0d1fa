/** Against a real dbus-daemon, with a config of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Bus, connectBus, theBus } from "../../src/host/bus/bus.ts";
import type { Header } from "../../src/host/bus/dbus.ts";
import { poll } from "../host/poll.ts";
import { run } from "../host/run.ts";
import { makeTempDir } from "../host/temp-dir.ts";

interface Started {
  readonly socket: string;
  readonly daemon: ChildProcess;
}

async function startBus(): Promise<Started> {
  const dir = makeTempDir("bus");
  const socket = join(dir, "socket");
  const config = join(dir, "bus.conf");
  writeFileSync(
    config,
    `<busconfig><type>system</type><listen>unix:path=${socket}</listen><auth>EXTERNAL</auth>
     <policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/>
     <allow receive_sender="*"/></policy></busconfig>`,
  );
  const daemon = spawn("dbus-daemon", [`--config-file=${config}`, "--nofork", "--nopidfile"], {
    stdio: "ignore",
  });
  onTestFinished(() => {
    daemon.kill("SIGKILL");
    rmSync(dir, { recursive: true });
  });
  await poll(() => existsSync(socket), Boolean, { everyMs: 10, timeoutMs: 10_000, failure: () => "No bus" });
  return { socket, daemon };
}

async function listenTo(socket: string): Promise<{ readonly bus: Bus; readonly heard: Header[] }> {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const heard: Header[] = [];
  return { bus: await connectBus(socket, (signal) => heard.push(signal), stop.signal), heard };
}

const match = (rule: string) => ({ ...theBus, member: "AddMatch", argument: rule });

test("signals that match a rule are received, whatever their size, and no others", async () => {
  const { socket } = await startBus();
  const { bus, heard } = await listenTo(socket);
  await bus.call(match("type='signal',interface='org.example.Units',path='/unit/a'"));
  const send = (path: string, ...body: string[]) =>
    run([
      "dbus-send",
      `--bus=unix:path=${socket}`,
      "--type=signal",
      path,
      "org.example.Units.Changed",
      ...body,
    ]);
  await send("/unit/b");
  await send("/unit/a", `string:${"x".repeat(100_000)}`);
  await send("/unit/a");
  const seen = () => heard.filter((signal) => signal.interface === "org.example.Units");
  await expect.poll(() => seen().length, { timeout: 10_000 }).toBe(2);
  expect(seen()[1]).toMatchObject({ path: "/unit/a", member: "Changed", sender: /^:1\.\d+$/ });
});

test("a call that the bus refuses rejects, and the connection continues", async () => {
  const { socket } = await startBus();
  const { bus } = await listenTo(socket);
  await expect(bus.call(match("nonsense"))).rejects.toThrow("org.freedesktop.DBus.Error.MatchRuleInvalid");
  expect(await bus.call({ ...theBus, member: "GetId" })).toMatchObject({
    type: "reply",
    sender: theBus.destination,
  });
});

test("when the bus dies, the connection ends and all its calls reject", async () => {
  const { socket, daemon } = await startBus();
  const { bus } = await listenTo(socket);
  daemon.kill("SIGSTOP");
  const asked = bus.call({ ...theBus, member: "GetId" });
  daemon.kill("SIGKILL");
  await expect(asked).rejects.toThrow();
  await bus.ended;
  await expect(bus.call({ ...theBus, member: "GetId" })).rejects.toThrow();
});

test("no bus", async () => {
  await expect(listenTo("/run/nowhere/bus")).rejects.toThrow("ENOENT");
});
