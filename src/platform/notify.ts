/** Tells systemd how the daemon is, as sd_notify(3); quiet when nobody listens. */

import { findNotifySocket, type SendNotification } from "./notify-socket.ts";
import type { Exec } from "./process/exec.ts";

export interface Notify {
  ready(status: string): Promise<void>;
  stopping(): Promise<void>;
  watchdog(): Promise<void>;
  /** How often systemd wants to hear `watchdog`, in ms; null: not at all. */
  readonly watchdogEveryMs: number | null;
}

/** Where node cannot call the C library, or the socket is full, systemd-notify(1) speaks for its parent, us. */
export function createNotify(
  exec: Exec,
  env: NodeJS.ProcessEnv,
  find: (address: string) => SendNotification | null = findNotifySocket,
): Notify {
  const socket = env.NOTIFY_SOCKET;
  const sendItself = socket === undefined ? null : find(socket);
  const send = async (...lines: readonly string[]) => {
    if (socket === undefined || sendItself?.(lines)) return;
    await exec(["systemd-notify", ...lines], { timeoutMs: 10_000, env: { NOTIFY_SOCKET: socket } });
  };
  const watchdogUsec = env.WATCHDOG_PID === String(process.pid) ? Number(env.WATCHDOG_USEC) : Number.NaN;
  return {
    ready: (status) => send("READY=1", `STATUS=${status}`),
    stopping: () => send("STOPPING=1"),
    watchdog: () => send("WATCHDOG=1"),
    watchdogEveryMs: Number.isFinite(watchdogUsec) ? watchdogUsec / 2_000 : null,
  };
}
