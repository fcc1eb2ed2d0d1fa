/** The program `gitopper`. Exit status 0: a normal end; 2: systemd shall start it again; 1: a failure. */
import { resolve } from "node:path";
import { harmless } from "../model/text/harmless.ts";
import { createLog } from "../platform/log.ts";
import { startTrace } from "../platform/trace/trace.ts";
import { runDaemon } from "./daemon.ts";
import { type Options, parseOptions } from "./options.ts";
import { failureLines, linesOf, write } from "./output.ts";
import { type ReleaseHow, releaseOffline } from "./release/release-offline.ts";
import { ReloadRequests } from "./run-until-stopped.ts";
import { check } from "./setup.ts";

const restartStatus = 2;

async function main(): Promise<number> {
  try {
    return await start(process.argv.slice(2));
  } catch (error) {
    await write(process.stderr, failureLines(linesOf(error)));
    return 1;
  }
}

async function start(argv: readonly string[]): Promise<number> {
  if (argv[0] === "init") return (await import("../init/main.ts")).runInit(argv.slice(1));
  const parsed = parseOptions(argv);
  if (!parsed.ok) {
    const good = parsed.status === 0;
    await write(good ? process.stdout : process.stderr, `${good ? "" : "gitopper: "}${parsed.text}\n`);
    return parsed.status;
  }
  if (parsed.options.release !== null) return release(parsed.options, parsed.options.release);
  if (!parsed.options.check) return run(parsed.options);
  if (parsed.options.online) return (await import("../init/main.ts")).runOnlineCheck(parsed.options);
  await write(process.stdout, await check(parsed.options));
  return 0;
}

async function release(options: Options, how: ReleaseHow): Promise<number> {
  const { done, faults } = await releaseOffline(options.stateDir, how, createLog(options));
  await write(process.stdout, done.map((line) => `${harmless(line)}\n`).join(""));
  await write(process.stderr, faults.map((line) => `gitopper: ${harmless(line)}\n`).join(""));
  return faults.length === 0 ? 0 : 1;
}

async function run(options: Options): Promise<number> {
  const log = createLog(options);
  const stop = new AbortController();
  const reloads = new ReloadRequests();
  let hungUp = false;
  process.on("SIGHUP", () => {
    hungUp = true;
    stop.abort();
  });
  // Not SIGHUP: it ends the daemon, as it ends the original.
  process.on("SIGUSR2", () => reloads.request());
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stop.abort());
  // Before anything else, to warn at once about a file that cannot be written.
  const stopTrace =
    options.trace === null ? null : startTrace(resolve(options.trace), (line) => log.warn(line));
  const ending = await runDaemon(options, log, stop, reloads).finally(() => stopTrace?.());
  return ending === "restart" || hungUp ? restartStatus : 0;
}

// A start that failed may have left something open, such as a listener, which would keep the process.
void main().then((status) => process.exit(status));
