/** Installs a missing package; an installed one is left alone, whatever its version. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { Problem } from "../model/problem.ts";
import { type Exec, ExecFailure } from "../platform/process/exec.ts";

/** A package manager: how to query a package, and how to install it non-interactively. */
export interface PackageManager {
  readonly program: string;
  readonly query: (name: string) => readonly string[];
  /** Whether the package is installed, from the output of a query with status 0. Absent: the status alone tells. */
  readonly installed?: (stdout: string) => boolean;
  /** Refreshes the package lists; absent: installing does it. */
  readonly refresh?: readonly string[];
  readonly install: (name: string) => readonly string[];
}

/** In this order; the first whose program exists is the host's. */
export const packageManagers: readonly PackageManager[] = [
  {
    program: "/usr/bin/apt-get",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholder
    query: (name) => ["dpkg-query", "--show", "--showformat=${db:Status-Status}\n", name],
    installed: (stdout) => stdout.split("\n").includes("installed"),
    refresh: ["apt-get", "--quiet", "update"],
    install: (name) => [
      "apt-get",
      "--quiet",
      "--yes",
      "--no-upgrade",
      "-oDPkg::Lock::Timeout=120",
      "-oDpkg::Options::=--force-confold",
      "install",
      "--",
      name,
    ],
  },
  {
    program: "/usr/bin/dnf",
    query: (name) => ["rpm", "--query", "--whatprovides", name],
    install: (name) => ["dnf", "--assumeyes", "--quiet", "install", name],
  },
  {
    program: "/usr/bin/pacman",
    query: (name) => ["pacman", "--query", "--", name],
    install: (name) => ["pacman", "--sync", "--needed", "--noconfirm", "--", name],
  },
  {
    program: "/usr/bin/zypper",
    query: (name) => ["rpm", "--query", "--whatprovides", name],
    install: (name) => ["zypper", "--non-interactive", "install", "--no-force-resolution", name],
  },
  {
    program: "/sbin/apk",
    query: (name) => ["apk", "info", "--installed", name],
    install: (name) => ["apk", "add", "--no-interactive", name],
  },
];

const queryTimeoutMs = 60_000;
const installTimeoutMs = 30 * 60_000;
/** systemd ends an installation that takes longer; this limit is for systemd-run, which reports it. */
const waitTimeoutMs = installTimeoutMs + 60_000;

/** @throws Problem when the host has no supported package manager */
export async function isInstalled(
  name: string,
  manager: PackageManager | null,
  exec: Exec,
): Promise<boolean> {
  if (manager === null) {
    const known = packageManagers.map(({ program }) => basename(program)).join(", ");
    throw new Problem("host", `Cannot install package "${name}": this host has none of ${known}`, {
      code: "package-failed",
    });
  }
  const { status, stdout } = await exec(manager.query(name), { timeoutMs: queryTimeoutMs, okStatus: [0, 1] });
  return status === 0 && (manager.installed?.(stdout) ?? true);
}

/** @throws Problem */
export async function installPackage(name: string, manager: PackageManager, exec: Exec): Promise<void> {
  const options = { timeoutMs: waitTimeoutMs };
  const isSystemd = existsSync("/run/systemd/system");
  const run = (argv: readonly string[]) =>
    exec(isSystemd ? inOwnUnit(argv, name, process.env) : withoutQuestions(argv), options);
  try {
    if (manager.refresh) await run(manager.refresh).catch(unlessBug);
    await run(manager.install(name));
  } catch (error) {
    if (!(error instanceof ExecFailure)) throw error;
    throw new Problem("host", `Cannot install package "${name}": ${error.keyLine}`, {
      cause: error,
      code: "package-failed",
    });
  }
}

function withoutQuestions(argv: readonly string[]): string[] {
  return ["env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", ...argv];
}

/**
 * The argv that installs in a transient unit, systemd-run(1): a package may change what our own unit may not, and
 * continues when the daemon is killed. Variables are passed by name, because a proxy's URL may have a password.
 */
export function inOwnUnit(argv: readonly string[], name: string, env: NodeJS.ProcessEnv): string[] {
  const proxies = Object.keys(env).filter((key) => /^(?:https?|all|no)_proxy$/i.test(key) && env[key]);
  return [
    ...["systemd-run", "--quiet", "--collect", "--wait", "--pipe", "--service-type=exec"],
    ...[`--description=Gitopper: install package ${name}`],
    ...[`--property=RuntimeMaxSec=${installTimeoutMs / 1_000}`],
    ...proxies.map((key) => `--setenv=${key}`),
    ...["--", ...withoutQuestions(argv)],
  ];
}

/** One unreachable repository of many must not stop an install that works without it. */
function unlessBug(error: unknown): void {
  if (!(error instanceof ExecFailure)) throw error;
}
