/** Against a bus that does what a test says, and a systemctl that answers what it says. */

import { rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { encodeCall, MessageReader } from "../../src/host/bus/dbus.ts";
import { UnitWatch } from "../../src/host/bus/watch-units.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { createLog } from "../../src/platform/log.ts";
import type { Exec } from "../../src/platform/process/exec.ts";
import { makeTempDir } from "../host/temp-dir.ts";

const unit = "/org/freedesktop/systemd1/unit/app_2eservice";
const properties = "org.freedesktop.DBus.Properties";

/** A signal is a call but for its type and its sender. */
function signal(sender: string, path: string, member = "PropertiesChanged", from = properties): Buffer {
  const bytes = encodeCall(9, { destination: sender, path, interface: from, member });
  bytes[1] = 4;
  // The field of the destination becomes that of the sender.
  bytes[bytes.indexOf(Buffer.from([6, 1, 0x73, 0]))] = 7;
  return bytes;
}

/** The reply to call `serial`. */
function reply(serial: number, sender: string): Buffer {
  const name = Buffer.from(`${sender}\0`);
  const fields = Buffer.concat([
    Buffer.from([5, 1, 0x75, 0, serial, 0, 0, 0, 7, 1, 0x73, 0, name.length - 1, 0, 0, 0]),
    name,
  ]);
  const fixed = Buffer.from([0x6c, 2, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, fields.length, 0, 0, 0]);
  return Buffer.concat([fixed, fields, Buffer.alloc(-fields.length & 7)]);
}

interface Stage {
  readonly watch: UnitWatch;
  readonly changes: string[];
  /** The connections so far, the newest last. */
  readonly connections: Socket[];
  /** How often systemctl ran. */
  readonly asked: () => number;
  active: string;
  /** How many connections have subscribed to signals. */
  subscribed: number;
}

async function aStage(greeting = "OK 1234\r\n"): Promise<Stage> {
  const dir = makeTempDir("watch");
  const busPath = join(dir, "bus");
  const connections: Socket[] = [];
  const stage = { active: "active", subscribed: 0 };
  const server = createServer((socket) => {
    connections.push(socket);
    socket.on("error", () => {});
    const reader = new MessageReader();
    let serial = 0;
    socket.on("data", (chunk: Buffer) => {
      if (chunk.includes("AUTH")) {
        socket.write(greeting);
        return;
      }
      const rest = chunk.subarray(chunk.indexOf("BEGIN\r\n") < 0 ? 0 : 7);
      for (const { member } of reader.push(rest)) {
        const subscribes = member === "Subscribe";
        stage.subscribed += Number(subscribes);
        serial += 1;
        socket.write(reply(serial, subscribes ? ":1.1" : "org.freedesktop.DBus"));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(busPath, resolve));
  let asked = 0;

  const exec: Exec = async () => {
    asked += 1;
    return {
      status: 0,
      stderr: "",
      stdout: `Id=app.service\nLoadState=loaded\nActiveState=${stage.active}\n`,
    };
  };
  const watch = new UnitWatch({
    exec,
    clock: systemClock,
    log: createLog({ debug: false }, () => {}),
    busPath,
  });
  const stop = new AbortController();
  const changes: string[] = [];
  watch.onChange(() => changes.push(watch.lastSeen("app")?.active ?? ""));
  const running = watch.run(["app"], stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
    for (const socket of connections) socket.destroy();
    server.close();
    rmSync(dir, { recursive: true });
  });
  return Object.assign(stage, { watch, changes, connections, asked: () => asked });
}

const until = (look: () => unknown) => expect.poll(look, { timeout: 10_000, interval: 20 });

test("cached answers are used until systemd signals a change; signals of other senders are ignored", async () => {
  const stage = await aStage();
  await until(() => stage.changes).toEqual(["active"]);
  const once = stage.asked();
  for (let look = 0; look < 5; look++)
    expect(await stage.watch.observe("app")).toMatchObject({ active: "active" });
  expect(stage.asked()).toBe(once);

  const [bus] = stage.connections;
  bus?.write(signal(":1.66", unit));
  bus?.write(signal(":1.1", `${unit}x`));
  stage.active = "failed";
  bus?.write(signal(":1.1", unit));
  await until(() => stage.changes).toEqual(["active", "failed"]);
  expect(stage.asked()).toBe(once + 1);
});

test("a burst of a thousand signals causes a few queries", async () => {
  const stage = await aStage();
  await until(() => stage.changes).toEqual(["active"]);
  for (let count = 0; count < 1_000; count++) stage.connections[0]?.write(signal(":1.1", unit));
  stage.active = "failed";
  stage.connections[0]?.write(signal(":1.1", unit));
  await until(() => stage.changes.at(-1)).toBe("failed");
  expect(stage.asked()).toBeLessThan(8);
});

test("after a change by the daemon itself the unit is queried, before any signal", async () => {
  const stage = await aStage();
  await until(() => stage.changes).toEqual(["active"]);
  stage.active = "inactive";
  stage.watch.forget("other");
  expect(await stage.watch.observe("app")).toMatchObject({ active: "active" });
  stage.watch.forget("app");
  expect(await stage.watch.observe("app")).toMatchObject({ active: "inactive" });
});

test.each<[string, (bus: Socket | undefined) => void]>([
  ["the bus hangs up", (bus) => bus?.destroy()],
  ["the bus sends garbage", (bus) => bus?.write("HTTP/1.1 400 Bad Request\r\n\r\n")],
  [
    "there is another systemd",
    (bus) => bus?.write(signal("org.freedesktop.DBus", "/", "NameOwnerChanged", "org.freedesktop.DBus")),
  ],
])("when %s it comes again, and asks what it has missed", async (_, happens) => {
  const stage = await aStage();
  await until(() => stage.changes).toEqual(["active"]);
  const waits = stage.watch.nextChange("app", new AbortController().signal);
  stage.active = "failed";
  happens(stage.connections[0]);
  await waits;
  expect(await stage.watch.observe("app")).toMatchObject({ active: "failed" });
  await until(() => stage.subscribed).toBe(2);
  stage.active = "active";
  stage.connections[1]?.write(signal(":1.1", unit));
  await until(() => stage.changes.at(-1)).toBe("active");
});

test.each(["REJECTED EXTERNAL\r\n", "x".repeat(1_100), "\r\n"])(
  "after a greeting that is none (%#) systemctl is asked",
  async (greeting) => {
    const stage = await aStage(greeting);
    await until(() => stage.connections.length).toBeGreaterThan(1);
    const before = stage.asked();
    await stage.watch.observe("app");
    await stage.watch.observe("app");
    expect(stage.asked()).toBe(before + 2);
  },
);
