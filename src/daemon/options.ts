/** The daemon's command line. */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { type AbsPath, parseAbsPath } from "../model/path.ts";
import { parseDuration } from "../model/text/duration.ts";
import { version } from "../model/version.ts";
import { defaultSocket } from "../platform/files/default-socket.ts";
import type { ReleaseHow } from "./release/release-offline.ts";

/** Where the config comes from when gitopper manages itself. */
export interface Bootstrap {
  readonly upstream: string;
  readonly directory: string;
  readonly branch: string;
  readonly mount: AbsPath;
  /** Poll upstream before the start even if the checkout is there. */
  readonly pull: boolean;
}

export interface Options {
  readonly hosts: readonly string[];
  readonly config: string;
  readonly address: string;
  readonly metric: string | null;
  /** The Unix socket's path; null: none. */
  readonly socket: string | null;
  /** The address of the SSH listener; null: the default one if the config has keys; empty: no listener. */
  readonly ssh: string | null;
  readonly debug: boolean;
  readonly restart: boolean;
  readonly root: boolean;
  readonly everyMs: number;
  readonly bootstrap: Bootstrap | null;
  readonly stateDir: AbsPath;
  readonly check: boolean;
  /** The check asks upstreams and systemd, too. */
  readonly online: boolean;
  /** A config may remove all services of this host. */
  readonly allowRemoval: boolean;
  /** The file for a trace; null: none. */
  readonly trace: string | null;
  /** Release all services instead of running; null: run. */
  readonly release: ReleaseHow | null;
}

/** The text is for people: help and version, or one line about the error. */
export type Parsed =
  | { readonly ok: true; readonly options: Options }
  | { readonly ok: false; readonly status: number; readonly text: string };

const shortestMs = 1_000;
const releaseHows = ["files", "unmount"] as const satisfies readonly ReleaseHow[];

export function parseOptions(argv: readonly string[]): Parsed {
  const printed: string[] = [];
  const command = define()
    .exitOverride()
    .configureOutput({ writeOut: (text) => printed.push(text), writeErr: (text) => printed.push(text) });
  try {
    command.parse(argv.map(withoutGoForm), { from: "user" });
    return { ok: true, options: toOptions(command.opts()) };
  } catch (error) {
    if (error instanceof InvalidArgumentError) return { ok: false, status: 1, text: error.message };
    if (error instanceof CommanderError)
      return { ok: false, status: error.exitCode === 0 ? 0 : 1, text: oneLine(printed.join("")) };
    throw error;
  }
}

function oneLine(text: string): string {
  return text.replace(/^error: /, "").trimEnd();
}

/** Go's flags take `-o=false`; commander takes `-ofalse`. */
function withoutGoForm(word: string): string {
  return word.replace(/^(-[a-zA-Z])=/, "$1");
}

/** Every flag, with its help; the man page is made from this too. */
export function define(): Command {
  return new Command("gitopper")
    .description("Watches git, deploys changes by bind mounts, and runs systemctl.")
    .helpOption("--help", "show this help")
    .version(version, "--version", "show the version")
    .allowExcessArguments(false)
    .option("-c, --config <file>", "config file")
    .option(
      "-h, --hosts <names>",
      "names of this host, comma separated and repeatable, in addition to the hostname",
      collect,
      [],
    )
    .option(
      "-a, --address <host:port>",
      "address to listen on: plain HTTP on loopback, HTTPS on any other",
      "127.0.0.1:8000",
    )
    .option("-m, --metric <host:port>", "an additional HTTP address that serves only metrics")
    .option(
      "--socket <path>",
      "Unix socket for root and the configured group; empty: none",
      parseSocket,
      defaultSocket,
    )
    .option(
      "-s, --ssh <host:port>",
      "SSH address to listen on; default :2222 if the config has keys; empty: none",
    )
    .option("-d, --debug", "log every step", false)
    .option("-r, --restart", "reload the config file when it changes and is valid", false)
    .option("-o, --root [bool]", "require root", parseBoolean, true)
    .addOption(
      new Option(
        "-t, --duration <time>",
        "interval between polls, such as 30s, 5m0s or 1h30m; a constant jitter of up to half of it is added",
      )
        .argParser(parseEvery)
        .default(300_000, "5m"),
    )
    .option("-U, --upstream <url>", "bootstrap: the repository that holds the config")
    .option("-D, --directory <dir>", "bootstrap: the directory in it", "gitopper")
    .option("-B, --branch <branch>", "bootstrap: the branch", "main")
    .option(
      "-M, --mount <dir>",
      "bootstrap: check out to <dir>/gitopper; -c is relative to the directory in it",
    )
    .option("-P, --pull", "bootstrap: pull before the start even if the checkout exists", false)
    .option(
      "--state-dir <dir>",
      "directory for state, stores and saved edits",
      parseAbsolute,
      "/var/lib/gitopper" as AbsPath,
    )
    .option("--trace <file>", "write a trace for ui.perfetto.dev to this file while the daemon runs")
    .option("--allow-removal", "accept a config that leaves this host without any service", false)
    .option("--check", "check the config, print what this host would do, and exit: 0 valid, 1 invalid", false)
    .option(
      "--online",
      "with --check: also ask the upstreams for branches and links, and systemd for units",
      false,
    )
    .addOption(
      new Option(
        "--release [how]",
        "put the files of all services in the place of their mounts, and exit; with unmount, only unmount; no daemon may run",
      )
        .preset("files")
        .choices(releaseHows),
    );
}

function collect(text: string, before: readonly string[]): string[] {
  const names = text.split(",").map((name) => name.trim());
  return [...before, ...names.filter(Boolean)];
}

function parseBoolean(text: string): boolean {
  if (["true", "1", "t"].includes(text)) return true;
  if (["false", "0", "f"].includes(text)) return false;
  throw new InvalidArgumentError("It has to be true or false.");
}

function parseEvery(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new InvalidArgumentError("It has to be a time such as 30s, 5m0s or 1h30m.");
  if (ms < shortestMs) throw new InvalidArgumentError("It has to be 1s or more.");
  return ms;
}

function parseAbsolute(text: string): AbsPath {
  const path = parseAbsPath(text);
  if (path === null) throw new InvalidArgumentError("It has to be an absolute path.");
  return path;
}

function parseSocket(text: string): string {
  if (text !== "" && parseAbsPath(text) === null)
    throw new InvalidArgumentError("It has to be an absolute path, or empty.");
  return text;
}

interface GivenBootstrap extends Pick<Bootstrap, "directory" | "branch" | "pull"> {
  readonly upstream?: string | undefined;
  readonly mount?: string | undefined;
}

interface Given
  extends GivenBootstrap,
    Omit<Options, "everyMs" | "bootstrap" | "metric" | "ssh" | "trace" | "release"> {
  readonly duration: number;
  readonly metric?: string;
  readonly ssh?: string;
  readonly trace?: string;
  readonly release?: ReleaseHow;
}

function toOptions({ duration, upstream, directory, branch, mount, pull, ...given }: Given): Options {
  if (!given.config && given.release === undefined)
    throw new InvalidArgumentError(
      "A config file is needed: gitopper -c config.toml; gitopper init writes one",
    );
  if (given.online && !given.check) throw new InvalidArgumentError("--online goes with --check");
  return {
    ...{ metric: null, ssh: null, trace: null, release: null, ...given },
    socket: given.socket === "" ? null : given.socket,
    everyMs: duration,
    bootstrap: toBootstrap({ upstream, directory, branch, mount, pull }),
  };
}

function toBootstrap({ upstream, directory, branch, mount, pull }: GivenBootstrap): Bootstrap | null {
  if (upstream === undefined && mount === undefined) return null;
  const place = mount === undefined ? null : parseAbsPath(mount);
  if (upstream === undefined || place === null) {
    throw new InvalidArgumentError("Bootstrapping needs both -U <url> and -M <absolute directory>.");
  }
  return { upstream, directory, branch, mount: place, pull };
}
