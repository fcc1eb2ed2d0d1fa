/** Queries systemd's units with `systemctl show`, and runs the commands that change them. */
import { basename } from "node:path";
import { setImmediate } from "node:timers/promises";
import { HostFault, Problem } from "../../model/problem.ts";
import { renderDuration } from "../../model/text/duration.ts";
import type { UnitSeen } from "../../model/unit.ts";
import { type Exec, ExecFailure, isTimeout } from "../../platform/process/exec.ts";
import { packageManagers } from "../packages.ts";
import { parseShow, showArgv } from "./show.ts";
import { explainVerbFailure } from "./verb-failure.ts";

const showTimeoutMs = 30_000;
/** Otherwise `systemctl show` prints local times, with ambiguous names of zones. */
const utc = { TZ: "UTC" };
const cannotAsk = "Cannot ask systemd about its units";
const daemonReloadTimeoutMs = 10 * 60_000;

export type ObserveUnit = (unit: string) => Promise<UnitSeen>;

/** Queries systemd with one `systemctl show` at a time; queries that come meanwhile share the next one. */
export function createUnitObserver(exec: Exec): ObserveUnit {
  const waiting = new Map<string, PromiseWithResolvers<UnitSeen>>();
  let isAsking = false;
  const askAll = async () => {
    isAsking = true;
    // Queries of the same moment share the first.
    await setImmediate();
    while (waiting.size > 0) {
      const batch = new Map(waiting);
      waiting.clear();
      await ask(batch, exec);
    }
    isAsking = false;
  };
  return (unit) => {
    const waiter = waiting.get(unit) ?? Promise.withResolvers<UnitSeen>();
    waiting.set(unit, waiter);
    if (!isAsking) void askAll();
    return waiter.promise;
  };
}

async function ask(batch: ReadonlyMap<string, PromiseWithResolvers<UnitSeen>>, exec: Exec): Promise<void> {
  try {
    const { stdout } = await exec(showArgv([...batch.keys()]), { timeoutMs: showTimeoutMs, env: utc });
    const seen = parseShow(stdout);
    for (const [index, waiter] of [...batch.values()].entries()) settle(waiter, seen[index]);
  } catch (error) {
    for (const waiter of batch.values()) waiter.reject(unitProblem(cannotAsk, error));
  }
}

function settle(waiter: PromiseWithResolvers<UnitSeen>, seen: UnitSeen | undefined): void {
  if (seen) waiter.resolve(seen);
  else waiter.reject(new Problem("host", `${cannotAsk}: an answer is missing`));
}

export interface UnitVerb {
  readonly verb: string;
  readonly unit: string;
  /** The units that the verb is for, if not only the unit itself. */
  readonly units?: readonly string[];
  readonly timeoutMs: number;
}

/**
 * `systemctl <verb> <unit>`. What hangs in it is ended after the time-out. After `enable` the caller has to reload unit
 * files: systemctl would do it once per unit.
 * @throws Problem; HostFault when the failure says nothing about the unit's files
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
    const late = `${what}: it has not ended after ${renderDuration(timeoutMs)}`;
    const remedy = "look at what it waits for, or give it a longer action_timeout";
    throw new Problem("host", `${late}; ${remedy}`, { cause: error, code: "unit-failed" });
  }
}

/** Resets the failed state and the start counter of the unit (StartLimitBurst=). @throws Problem */
export async function resetFailed(unit: string, exec: Exec): Promise<void> {
  // Status 1: systemd has not loaded the unit, so there is nothing to reset.
  const options = { timeoutMs: showTimeoutMs, okStatus: [0, 1] };
  await exec(["systemctl", "reset-failed", "--", unit], options).catch((error: unknown) => {
    throw unitProblem(`Cannot reset "${unit}"`, error);
  });
}

function verbProblem(what: string, unit: string, error: unknown): unknown {
  if (!(error instanceof ExecFailure)) return error;
  const { why, byHost, code } = explainVerbFailure(unit, error.stderr, error.keyLine);
  const options = { cause: error, code };
  return byHost ? new HostFault(`${what}: ${why}`, options) : new Problem("host", `${what}: ${why}`, options);
}

/**
 * Ends ExecReload=, ExecStartPre= and the like, and with them systemd's job: a job that is only cancelled leaves the
 * process running, which blocks every later reload. The service's main process is left alone.
 */
async function endControlProcess(unit: string, exec: Exec): Promise<void> {
  const argv = ["systemctl", "kill", "--kill-who=control", "--signal=KILL", "--", unit];
  // Status 1: there is none.
  await exec(argv, { timeoutMs: showTimeoutMs, okStatus: [0, 1] }).catch(() => {});
}

/** Makes systemd reload all unit files that exist at the call. @throws Problem */
export type ReloadUnitFiles = () => Promise<void>;

/** One at a time; all callers during a reload share the next one. */
export function createUnitFilesReload(exec: Exec): ReloadUnitFiles {
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;
  const failed = (error: unknown) => {
    throw unitProblem("Cannot reload systemd's unit files", error);
  };
  const begin = async () => {
    next = null;
    await exec(["systemctl", "daemon-reload"], { timeoutMs: daemonReloadTimeoutMs }).catch(failed);
  };
  return () => {
    next ??= last = last.then(begin, begin);
    return next;
  };
}

function unitProblem(what: string, error: unknown): unknown {
  if (!(error instanceof ExecFailure)) return error;
  return new HostFault(`${what}: ${error.keyLine}`, { cause: error });
}

const changing = [
  "systemctl",
  "systemd-run",
  "env",
  ...packageManagers.map(({ program }) => basename(program)),
];

/** Runs programs; before it resolves, reports the unit that one may have changed, or null for any unit. */
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
