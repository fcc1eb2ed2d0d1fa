/** A fresh host with the units of the bench, which ping when they start or reload, and nothing else. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Gitopper, installGitopper } from "../test/host/gitopper.ts";
import { bootHost, type TestHost } from "../test/host/host.ts";
import type { ServedUpstream } from "../test/host/http-upstream.ts";
import { makeTempDir } from "../test/host/temp-dir.ts";
import { cpuMsOf, untilQuiet } from "./cgroup-cpu.ts";
import { type HostShell, startShell } from "./host-shell.ts";
import { Pings } from "./pings.ts";
import { linkOf } from "./upstream.ts";

/** Where the baseline finds the services: a line `UNIT LINK LOCAL` for each. */
export const listPath = "/etc/bench-services";
/** A unit that no gitopper manages. */
export const plainUnit = "plain";

const daemonUnit = "gitopper.service";

export interface BedOptions {
  /** More of it, behind the services. */
  readonly config?: string;
  /** More arguments for the daemon. */
  readonly args?: readonly string[];
  /** Between pulls; default `24h`, so that only a pull polls. */
  readonly duration?: string;
  /** Of each service; default: that of the daemon. */
  readonly interval?: string;
  /** What the services follow, in turns; default is the one upstream. */
  readonly urls?: (host: TestHost) => Promise<readonly string[]>;
  /** What of this machine the host sees, as `HostOptions` has it. */
  readonly binds?: readonly string[];
}

/** Boots a host with this many services and a daemon that is installed, and not started. */
export async function makeBed(
  upstream: ServedUpstream,
  services: number,
  options: BedOptions = {},
): Promise<Bed> {
  const { config = "", args = [], duration = "24h", binds = [] } = options;
  const dir = makeTempDir("bench");
  const pings = new Pings(dir);
  const host = await bootHost({
    name: "bench",
    binds: [`${dir}:/bench`, ...binds],
    prepare: (disk) => writeUnits(disk, services),
  });
  const urls = (await options.urls?.(host)) ?? [upstream.url];
  const gitopper = await installGitopper(host, {
    config: `${renderConfig(urls, services, options.interval)}\n${config}`,
    duration,
    args,
  });
  return new Bed({ dir, pings, host, gitopper, upstream, services, shell: await startShell(host) });
}

interface Parts {
  readonly dir: string;
  readonly pings: Pings;
  readonly host: TestHost;
  readonly gitopper: Gitopper;
  readonly upstream: ServedUpstream;
  readonly services: number;
  readonly shell: HostShell;
}

export class Bed {
  readonly #dir: string;
  readonly host: TestHost;
  readonly pings: Pings;
  readonly gitopper: Gitopper;
  readonly upstream: ServedUpstream;
  readonly services: number;
  readonly shell: HostShell;

  /** Use `makeBed`. */
  constructor(parts: Parts) {
    this.#dir = parts.dir;
    this.host = parts.host;
    this.pings = parts.pings;
    this.gitopper = parts.gitopper;
    this.upstream = parts.upstream;
    this.services = parts.services;
    this.shell = parts.shell;
  }

  /** The CPU time of the daemon and of all that it ran, in ms. */
  daemonCpuMs(): number {
    return cpuMsOf(this.host, daemonUnit);
  }

  /** Resolves when the daemon has come to rest. */
  daemonIsIdle(): Promise<void> {
    return untilQuiet(this.host, daemonUnit);
  }

  /** Starts the daemon; resolves when it says of every service that it is OK. */
  async startDaemon(): Promise<void> {
    this.pings.clear();
    await this.shell.run("systemctl start gitopper");
    await this.pings.until("start ", this.services).catch(async (cause: unknown) => {
      throw new Error(`Cold start does not end:\n${await this.gitopper.journal(60)}`, { cause });
    });
    while (!(await this.gitopper.services()).every(({ state, hash }) => state === "OK" && hash !== ""));
  }

  /** Makes the daemon poll the upstream once more; resolves when all work that follows has ended. */
  async pollRound(): Promise<void> {
    const requests = this.upstream.requests.length;
    await this.gitopper.pull(unitOf(0));
    while (this.upstream.requests.length < requests + 2) await this.daemonIsIdle();
    await this.daemonIsIdle();
  }

  /** The bytes that these directories take on the host's disk. */
  async bytesOnDisk(...directories: readonly string[]): Promise<number> {
    const text = await this.host.sh(`du -sx --block-size=1 --total ${directories.join(" ")} | tail -n 1`);
    return Number.parseInt(text, 10);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.pings.close();
    await this.shell.close();
    await this.host.stop();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

/** The unit of the service of this number. */
export function unitOf(service: number): string {
  return `app${String(service).padStart(3, "0")}`;
}

/** Where a service reads its configuration. */
export function localOf(unit: string): string {
  return `/etc/bench/${unit}`;
}

function writeUnits(disk: string, services: number): void {
  const units = Array.from({ length: services }, (_, service) => unitOf(service));
  const directory = join(disk, "etc/systemd/system");
  mkdirSync(directory, { recursive: true });
  for (const unit of [...units, plainUnit]) writeFileSync(join(directory, `${unit}.service`), unitFile);
  const lines = units.map((unit, service) => `${unit} ${linkOf(service)} ${localOf(unit)}\n`);
  writeFileSync(join(disk, listPath), lines.join(""));
}

const unitFile = `[Service]
Type=exec
ExecStart=/bin/sleep infinity
ExecStartPost=/bin/sh -c 'echo start %N >/bench/pings'
ExecReload=/bin/sh -c 'echo reload %N >/bench/pings'
`;

function renderConfig(urls: readonly string[], services: number, interval?: string): string {
  const head = `[global]\nmount = "/srv/gitopper"\nsettle = "0s"\n`;
  const all = Array.from({ length: services }, (_, service) =>
    renderService(service, urls[service % urls.length] ?? "", interval),
  );
  return head + all.join("");
}

function renderService(service: number, url: string, interval?: string): string {
  const unit = unitOf(service);
  return `
[[services]]
machine = "bench"
service = "${unit}"
upstream = "${url}"
action = "reload"
dirs = [{ local = "${localOf(unit)}", link = "${linkOf(service)}" }]
${interval === undefined ? "" : `interval = "${interval}"\n`}`;
}
