/** A Linux host with a real systemd, for tests: its root is an overlay, by default of this machine's; its disk its own. */
import { randomUUID } from "node:crypto";
import { chmodSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { installPackages } from "./install-packages.ts";
import { inHost, type Machine, startMachine } from "./machine.ts";
import { type RunOptions, type RunResult, run } from "./run.ts";
import { makeTempDir, ownedPrefix } from "./temp-dir.ts";

export interface HostOptions {
  /** The host name; default is a unique one. */
  readonly name?: string;
  /** What of this machine the host sees, writable, as systemd-nspawn(1) takes it: `PATH` or `FROM:TO`. */
  readonly binds?: readonly string[];
  /** A network of its own, with nothing but loopback, instead of this machine's; see `wire`. */
  readonly ownNetwork?: boolean;
  /** Units that must not run, in addition to those that only make noise. */
  readonly masked?: readonly string[];
  /** Another root than this machine's, such as that of `makeBareRoot`; the host does not see this checkout then. */
  readonly root?: string;
  /** Debian packages that it has besides those of this machine. */
  readonly packages?: readonly string[];
  /** Writes files below `disk`, which the host then has at its first boot. */
  readonly prepare?: (disk: string) => void | Promise<void>;
}

/** Where this checkout is; every host with the root of this machine sees it at the same path, read-only. */
export const repositoryRoot = join(import.meta.dirname, "../..");

const noisyUnits = [
  "systemd-timesyncd.service",
  "systemd-networkd.service",
  "getty.target",
  "console-getty.service",
];
let hosts = 0;

/** Boots a host; it is up when systemd says so. `await using` or `stop()` ends it and removes all of it. */
export async function bootHost(options: HostOptions = {}): Promise<TestHost> {
  const dir = makeTempDir("host");
  try {
    await makeDisk(dir, options);
    const binds = (options.binds ?? []).map((bind) => `--bind=${bind}`);
    const network = options.ownNetwork ? ["--private-network"] : [];
    const lower = options.root ?? "/";
    const checkout = lower === "/" ? [`--bind-ro=${repositoryRoot}`] : [];
    const args = [...checkout, ...binds, ...network];
    const machineName = `${ownedPrefix}${++hosts}`;
    const boot = (): Promise<Machine> => startMachine(dir, machineName, { args, lower });
    return new TestHost(dir, boot, await boot());
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

export class TestHost {
  readonly #dir: string;
  readonly #boot: () => Promise<Machine>;
  #machine: Machine | null;

  /** Use `bootHost`. */
  constructor(dir: string, boot: () => Promise<Machine>, machine: Machine) {
    this.#dir = dir;
    this.#boot = boot;
    this.#machine = machine;
  }

  /** The host's systemd, as this machine numbers it; another one after a reboot. */
  get leaderPid(): number {
    if (this.#machine === null) throw new Error("The host is stopped");
    return this.#machine.leaderPid;
  }

  /** The host's root as this machine sees it, with its mounts; absolute symlinks in it lead astray. */
  get root(): string {
    return `/proc/${this.leaderPid}/root`;
  }

  /** Runs a command as root in the host. @throws when it fails, unless `allowFailure`. */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult> {
    return run(inHost(this.leaderPid, argv), options);
  }

  /** Runs a shell script in the host and returns its output, without the last line break. */
  async sh(script: string, options?: RunOptions): Promise<string> {
    const { stdout } = await this.run(["/bin/sh", "-euc", script], options);
    return stdout.replace(/\n$/, "");
  }

  async read(path: string): Promise<string> {
    return (await this.run(["cat", "--", path])).stdout;
  }

  async exists(path: string): Promise<boolean> {
    return (await this.run(["test", "-e", path], { allowFailure: true })).status === 0;
  }

  /** Writes a file in place (it keeps its inode, if it has one), and makes its directory. */
  async write(path: string, text: string, mode = "0644"): Promise<void> {
    const script = 'mkdir -p "$(dirname "$1")" && cat >"$1" && chmod "$2" "$1"';
    await this.run(["/bin/sh", "-euc", script, "write", path, mode], { input: text });
  }

  /** Its disk stays; /run and /tmp do not. A `power-cut` gives no process the time to end in order. */
  async reboot(how: "in-order" | "power-cut" = "in-order"): Promise<void> {
    const machine = this.#machine;
    this.#machine = null;
    await (how === "in-order" ? machine?.powerOff() : machine?.cutPower());
    this.#machine = await this.#boot();
  }

  /** Ends the host and removes its disk. */
  async stop(): Promise<void> {
    const machine = this.#machine;
    this.#machine = null;
    await machine?.cutPower();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

async function makeDisk(dir: string, options: HostOptions): Promise<void> {
  for (const part of ["upper", "work", "root"]) mkdirSync(join(dir, part));
  const disk = join(dir, "upper");
  if (options.packages !== undefined) await installPackages(dir, options.packages);
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(disk, path)), { recursive: true });
    writeFileSync(join(disk, path), text);
  };
  put("etc/machine-id", `${randomUUID().replaceAll("-", "")}\n`);
  put("etc/hostname", `${options.name ?? `test-host-${hosts + 1}`}\n`);
  put("etc/systemd/journald.conf.d/test.conf", "[Journal]\nStorage=volatile\nRateLimitBurst=0\n");
  // An empty file masks a unit, like a link to /dev/null (systemd.unit(5)).
  for (const unit of [...noisyUnits, ...(options.masked ?? [])]) put(`etc/systemd/system/${unit}`, "");
  if (options.root === undefined) letEveryUserReach(repositoryRoot, disk);
  await options.prepare?.(disk);
}

/** Users of the host run the programs of the checkout, which may be below a home that is closed to them. */
function letEveryUserReach(path: string, disk: string): void {
  if (path === "/") return;
  letEveryUserReach(dirname(path), disk);
  mkdirSync(join(disk, path), { recursive: true });
  chmodSync(join(disk, path), statSync(path).mode | 0o011);
}
