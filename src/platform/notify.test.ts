import { expect, test } from "vitest";
import { createNotify } from "./notify.ts";
import type { Exec } from "./process/exec.ts";

const env = {
  NOTIFY_SOCKET: "/run/systemd/notify",
  WATCHDOG_PID: String(process.pid),
  WATCHDOG_USEC: "4000000",
};

function aSystemd(takes: boolean) {
  const heard: string[] = [];
  const exec = ((argv: readonly string[]) => {
    heard.push(argv.join(" "));
    return Promise.resolve({});
  }) as unknown as Exec;
  const find = () => (lines: readonly string[]) => {
    if (takes) heard.push(lines.join("\n"));
    return takes;
  };
  return { heard, exec, find };
}

test("the daemon notifies systemd itself, without a program", async () => {
  const { heard, exec, find } = aSystemd(true);
  const notify = createNotify(exec, env, find);
  await notify.ready("3 services");
  await notify.watchdog();
  expect(heard).toEqual(["READY=1\nSTATUS=3 services", "WATCHDOG=1"]);
  expect(notify.watchdogEveryMs).toBe(2_000);
});

test.each([
  ["its socket takes nothing", (of: ReturnType<typeof aSystemd>) => of.find],
  ["node cannot call the C library", () => () => null],
])("where %s, systemd-notify tells it", async (_, findOf) => {
  const systemd = aSystemd(false);
  await createNotify(systemd.exec, env, findOf(systemd)).ready("3 services");
  expect(systemd.heard).toEqual(["systemd-notify READY=1 STATUS=3 services"]);
});

test("without systemd no notification is sent", async () => {
  const { heard, exec, find } = aSystemd(true);
  const notify = createNotify(exec, {}, find);
  await notify.ready("3 services");
  expect([heard, notify.watchdogEveryMs]).toEqual([[], null]);
});
