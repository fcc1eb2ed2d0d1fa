/** The daemon's unit on a test host, and the programs that it is about. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "./host.ts";

export interface GitopperOptions {
  /** The text of /etc/gitopper/config.toml; without it `args` must say where the config is. */
  readonly config?: string;
  /** The names that it answers to, besides the host's own. */
  readonly hosts?: readonly string[];
  /** Where its API listens on loopback; default is a free port. */
  readonly port?: number;
  /** Between pulls; default `1h`, so that only `pull` polls. */
  readonly duration?: string;
  /** More arguments, such as those for bootstrapping. */
  readonly args?: readonly string[];
  /** More lines for the unit's [Service] section; a later one wins. */
  readonly extra?: string;
  /** What systemd does when the daemon ends; default `always`. */
  readonly restart?: "always" | "on-failure" | "no";
}

/** The programs of this checkout, as the hosts see them. */
export const gitopperBin = join(repositoryRoot, "bin/gitopper");
export const gitopperctlBin = join(repositoryRoot, "bin/gitopperctl");
export const gitopperhdrBin = join(repositoryRoot, "bin/gitopperhdr");

/** Where the config is on a host. */
export const configPath = "/etc/gitopper/config.toml";

export const packagedUnitPath = join(repositoryRoot, "packaging/gitopper.service");

/** What the packaged unit confines the daemon with: every scenario shows that it can do its work so. */
function confinement(): string {
  const [, lines] = /^# Confinement\.(.*)^\[Install\]/ms.exec(readFileSync(packagedUnitPath, "utf8")) ?? [];
  if (lines === undefined) throw new Error("The packaged unit has no part that begins with # Confinement.");
  return `# ${lines}`;
}

/** The text of `gitopper.service`; the API listens on `address`. */
export function renderGitopperUnit(address: string, options: GitopperOptions): string {
  const argv = [
    gitopperBin,
    ...(options.config === undefined ? [] : ["-c", configPath]),
    ...["-a", address, "-t", options.duration ?? "1h"],
    ...(options.hosts ?? []).flatMap((name) => ["-h", name]),
    ...(options.args ?? []),
  ];
  return `[Unit]
StartLimitIntervalSec=0
[Service]
Type=notify
NotifyAccess=all
ExecStart=${argv.join(" ")}
Restart=${options.restart ?? "always"}
RestartForceExitStatus=2
KillMode=mixed
RestartSec=50ms
WatchdogSec=30s
${confinement()}${options.extra ?? ""}
[Install]
WantedBy=multi-user.target
`;
}
