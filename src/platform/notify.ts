/** Tells systemd how the daemon is, as sd_notify(3); quiet when nobody listens. */
import type { Exec } from "./exec.ts";

export interface Notify {
  ready(status: string): Promise<void>;
  stopping(): Promise<void>;
  watchdog(): Promise<void>;
  /** How often systemd wants to hear `watchdog`, in ms; null: not at all. */
  readonly watchdogEveryMs: number | null;
}

/** Node cannot send to a datagram socket, so systemd-notify(1) does; it speaks for its parent, us. */
export function createNotify(exec: Exec, env: NodeJS.ProcessEnv): Notify {
  const socket = env.NOTIFY_SOCKET;
  const send = async (...assignments: readonly string[]) => {
    if (socket === undefined) return;
    await exec(["systemd-notify", ...assignments], { timeoutMs: 10_000, env: { NOTIFY_SOCKET: socket } });
  };
  const watchdogUsec = env.WATCHDOG_PID === String(process.pid) ? Number(env.WATCHDOG_USEC) : Number.NaN;
  return {
    ready: (status) => send("--ready", `--status=${status}`),
    stopping: () => send("STOPPING=1"),
    watchdog: () => send("WATCHDOG=1"),
    watchdogEveryMs: Number.isFinite(watchdogUsec) ? watchdogUsec / 2_000 : null,
  };
}
