/** One run of a host, from power on to power off: the container, and how its systemd is found and ended. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { makeCgroups, removeCgroup } from "./cgroup.ts";
import { poll } from "./poll.ts";
import { run } from "./run.ts";

export interface Machine {
  /** The host's systemd, as this machine numbers it. */
  readonly leaderPid: number;
  /** Lets it shut down in order, for at most 30 seconds. */
  readonly powerOff: () => Promise<void>;
  /** Ends every process of it at once. */
  readonly cutPower: () => Promise<void>;
}

/** Boots the host whose files are in `dir`, above those of `lower`, and waits until systemd says that it is up. */
export async function startMachine(
  dir: string,
  name: string,
  { args, lower }: { readonly args: readonly string[]; readonly lower: string },
): Promise<Machine> {
  const cgroups = makeCgroups(name);
  const env = { CGROUPS: cgroups.join(" "), LOWER: lower };
  const child = spawnBoot([dir, name, ...args], env, join(dir, "console"));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const cutPower = async (): Promise<void> => {
    // The init of the PID namespace: the kernel ends everything in it before this one counts as gone.
    for (const init of childrenOf(child.pid)) kill(init);
    await ended;
    cgroups.forEach(removeCgroup);
  };
  try {
    const leaderPid = await waitUntilUp(child, dir);
    return { leaderPid, cutPower, powerOff: () => powerOff(leaderPid, ended).finally(cutPower) };
  } catch (error) {
    await cutPower();
    throw error;
  }
}

/** In a PID namespace that dies with this process, whatever ends it, and mounts that die with the namespace. */
function spawnBoot(args: readonly string[], env: NodeJS.ProcessEnv, consoleFile: string): ChildProcess {
  const log = openSync(consoleFile, "a");
  const boot = join(import.meta.dirname, "boot");
  const wrap = [
    "--pdeathsig",
    "KILL",
    "unshare",
    "--mount",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
  ];
  try {
    return spawn("setpriv", [...wrap, boot, ...args], {
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", ...env },
      stdio: ["ignore", log, log],
      detached: true,
    });
  } finally {
    closeSync(log);
  }
}

async function waitUntilUp(child: ChildProcess, dir: string): Promise<number> {
  const failure = (): string => `Cannot boot a host:\n${readFileSync(join(dir, "console"), "utf8")}`;
  const leaderPid = await poll(
    () => {
      if (child.exitCode !== null || child.pid === undefined) throw new Error(failure());
      return findSystemd(child.pid);
    },
    // systemd's own socket is there before; --wait needs the bus.
    (pid) => pid !== null && existsSync(`/proc/${pid}/root/run/dbus/system_bus_socket`),
    { everyMs: 10, timeoutMs: 30_000, failure },
  );
  if (leaderPid === null) throw new Error(failure());
  const state = await run(inHost(leaderPid, ["systemctl", "is-system-running", "--wait"]), {
    allowFailure: true,
  });
  if (!["running", "degraded"].includes(state.stdout.trim())) throw new Error(state.stderr + failure());
  return leaderPid;
}

async function powerOff(leaderPid: number, ended: Promise<void>): Promise<void> {
  await run(inHost(leaderPid, ["systemctl", "poweroff", "--no-block"]), { allowFailure: true });
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), 30_000);
  await Promise.race([ended, new Promise((resolve) => timeout.signal.addEventListener("abort", resolve))]);
  clearTimeout(timer);
}

/** The argv that runs a command in all namespaces of a host. */
export function inHost(leaderPid: number, argv: readonly string[]): string[] {
  return ["nsenter", "-t", String(leaderPid), "-a", "--", ...argv];
}

function findSystemd(pid: number): number | null {
  for (const child of childrenOf(pid)) {
    const found = commOf(child) === "systemd" ? child : findSystemd(child);
    if (found !== null) return found;
  }
  return null;
}

function commOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}

function childrenOf(pid: number | undefined): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}
