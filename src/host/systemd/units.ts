/** systemd's units: what `systemctl show` says of them, and the commands that change them. */
import { basename } from "node:path";
import { HostFault, Problem } from "../../model/problem.ts";
import { renderDuration } from "../../model/text/duration.ts";
import type { UnitSeen } from "../../model/unit.ts";
import { type Exec, ExecFailure, isTimeout } from "../../platform/process/exec.ts";
import { packageManagers } from "../packages.ts";
import { parseShow, showArgv } from "./show.ts";
import { explainVerbFailure } from "./verb-failure.ts";

const showTimeoutMs = 30_000;
/** The times of `systemctl show` are local otherwise, with names of zones that mean nothing elsewhere. */
const utc = { TZ: "UTC" };
const daemonReloadTimeoutMs = 10 * 60_000;

export type ObserveUnit = (unit: string) => Promise<UnitSeen>;

/** Asks systemd; units that are asked for in the same moment share one `systemctl show`. */
export function createUnitObserver(exec: Exec): ObserveUnit {
  let waiting = new Map<string, PromiseWithResolvers<UnitSeen>>();
  const flush = async () => {
    const batch = waiting;
    waiting = new Map();
    try {
      const { stdout } = await exec(showArgv([...batch.keys()]), { timeoutMs: showTimeoutMs, env: utc });
      const seen = parseShow(stdout);
      for (const [index, waiter] of [...batch.values()].entries()) settle(waiter, seen[index]);
    } catch (error) {
      for (const waiter of batch.values())
        waiter.reject(unitProblem("Cannot ask systemd about its units", error));
    }
  };
  return (unit) => {
    if (waiting.size === 0) setImmediate(flush);
    const waiter = waiting.get(unit) ?? Promise.withResolvers<UnitSeen>();
    waiting.set(unit, waiter);
    return waiter.promise;
  };
}

function settle(waiter: PromiseWithResolvers<UnitSeen>, seen: UnitSeen | undefined): void {
  if (seen) waiter.resolve(seen);
  else waiter.reject(new Problem("host", "Cannot ask systemd about its units: an answer is missing"));
}

export interface UnitVerb {
  readonly verb: string;
  readonly unit: string;
  /** Those that the verb is for, where it is not the unit alone. */
  readonly units?: readonly string[];
  readonly timeoutMs: number;
}

/**
 * `systemctl <verb> <unit>`. What hangs in it is ended when the time is over. After `enable` the unit files have to be
 * read again: systemctl would have it done for each unit.
 * @throws Problem; HostFault where that says nothing about the unit's files
 */
export async function systemctl(
  { verb, unit, units = [unit], timeoutMs }: UnitVerb,
  exec: Exec,
): Promise<void> {
  const what = `Cannot ${verb} "${unit}"`;
  const options = verb === "enable" ? ["--no-reload"] : [];
  try {
    await exec(["systemctl", verb, ...options, "--", ...units], { timeoutMs });
  } catch (error) {
    if (!isTimeout(error)) throw verbProblem(what, unit, error);
    await endControlProcess(unit, exec);
    const why = `it has not ended after ${renderDuration(timeoutMs)}`;
    throw new Problem(
      "host",
      `${what}: ${why}; look at what it waits for, or give it a longer action_timeout`,
      {
        cause: error,
        code: "unit-failed",
      },
    );
  }
}

/** Clears that the unit has failed, and how often it was started (StartLimitBurst=). @throws Problem */
export async function resetFailed(unit: string, exec: Exec): Promise<void> {
  try {
    // Status 1: systemd has not loaded it, so there is nothing to clear.
    await exec(["systemctl", "reset-failed", "--", unit], { timeoutMs: showTimeoutMs, okStatus: [0, 1] });
  } catch (error) {
    throw unitProblem(`Cannot reset "${unit}"`, error);
  }
}

function verbProblem(what: string, unit: string, error: unknown): unknown {
  if (!(error instanceof ExecFailure)) return error;
  const { why, byHost, code } = explainVerbFailure(unit, error.stderr, error.telling);
  const options = { cause: error, code };
  return byHost ? new HostFault(`${what}: ${why}`, options) : new Problem("host", `${what}: ${why}`, options);
}

/**
 * Ends ExecReload=, ExecStartPre= and the like, and with it systemd's job: one that is only cancelled lets the process
 * go on, and keeps every later reload waiting. The service's own process is left alone.
 */
async function endControlProcess(unit: string, exec: Exec): Promise<void> {
  const argv = ["systemctl", "kill", "--kill-who=control", "--signal=KILL", "--", unit];
  // Status 1: there is none.
  await exec(argv, { timeoutMs: showTimeoutMs, okStatus: [0, 1] }).catch(() => {});
}

/** Makes systemd read all unit files that are there at the call. @throws Problem */
export type ReloadUnitFiles = () => Promise<void>;

/** One at a time; all who ask while one is under way share the next. */
export function createUnitFilesReload(exec: Exec): ReloadUnitFiles {
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;
  const begin = () => {
    next = null;
    return daemonReload(exec);
  };
  return () => {
    next ??= last = last.then(begin, begin);
    return next;
  };
}

async function daemonReload(exec: Exec): Promise<void> {
  try {
    await exec(["systemctl", "daemon-reload"], { timeoutMs: daemonReloadTimeoutMs });
  } catch (error) {
    throw unitProblem("Cannot reload systemd's unit files", error);
  }
}

function unitProblem(what: string, error: unknown): unknown {
  if (!(error instanceof ExecFailure)) return error;
  return new HostFault(`${what}: ${error.telling}`, { cause: error });
}

const changing = [
  "systemctl",
  "systemd-run",
  "env",
  ...packageManagers.map(({ program }) => basename(program)),
];

/** Runs programs; names the unit that one may have changed, or null for any, before anybody goes on. */
export function announcing(exec: Exec, onChange: (unit: string | null) => void): Exec {
  return async (argv, options) => {
    const [program = "", verb] = argv;
    try {
      return await exec(argv, options);
    } finally {
      const end = program === "systemctl" ? argv.indexOf("--") : -1;
      const one = end === -1 || argv.length !== end + 2 ? null : (argv[end + 1] ?? null);
      if (changing.includes(program) && verb !== "show") onChange(one);
    }
  };
}
