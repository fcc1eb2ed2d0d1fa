/** Reports the daemon's status to systemd, as sd_notify(3); does nothing without a NOTIFY_SOCKET. */
import { findNotifySocket, type SendNotification } from "./notify-socket.ts";
import type { Exec } from "./process/exec.ts";

export type Notify = ReturnType<typeof createNotify>;

/** When node cannot call the C library, or the socket is full, systemd-notify(1) sends for its parent, this process. */
export function createNotify(
  exec: Exec,
  env: NodeJS.ProcessEnv,
  find: (address: string) => SendNotification | null = findNotifySocket,
) {
  const socket = env.NOTIFY_SOCKET;
  const sendItself = socket === undefined ? null : find(socket);
  const send = async (...lines: readonly string[]) => {
    if (socket === undefined || sendItself?.(lines)) return;
    await exec(["systemd-notify", ...lines], { timeoutMs: 10_000, env: { NOTIFY_SOCKET: socket } });
  };
  const watchdogUsec = env.WATCHDOG_PID === String(process.pid) ? Number(env.WATCHDOG_USEC) : Number.NaN;
  return {
    ready: (status: string) => send("READY=1", `STATUS=${status}`),
    stopping: () => send("STOPPING=1"),
    watchdog: () => send("WATCHDOG=1"),
    /** How often systemd expects `watchdog`, in ms; null: never. */
    watchdogEveryMs: Number.isFinite(watchdogUsec) ? watchdogUsec / 2_000 : null,
  };
}
