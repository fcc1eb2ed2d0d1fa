/** `gitopper init`: from nothing to a running daemon, in steps that each find what an earlier run has done. */
import { hostname, userInfo } from "node:os";
import { parseOptions } from "../daemon/options.ts";
import { StartFailure } from "../daemon/setup.ts";
import type { Exec } from "../platform/process/exec.ts";
import { gainAccess } from "./access/gain-access.ts";
import { type Answers, defaults, parseAnswer } from "./answers.ts";
import { assertNoConflict, type ConfigSeen, configPath, observeConfig, writeConfig } from "./config-step.ts";
import { defaultPlace, ensureLocalUpstream, howToPush, isVacant, localPlace } from "./local-upstream.ts";
import { checkOnline } from "./online/check-online.ts";
import type { InitFlags } from "./options.ts";
import type { Person } from "./person.ts";
import { assertUnit, hasSystemd, startUnit } from "./start-unit.ts";

export interface InitPorts {
  readonly flags: InitFlags;
  readonly person: Person | null;
  readonly say: (line: string) => void;
  readonly warn: (line: string) => void;
  readonly exec: Exec;
  readonly stopping: AbortSignal;
}

/** @throws StartFailure; what was done until then is found by the next run */
export async function init(ports: InitPorts): Promise<void> {
  const { exec, say } = ports;
  const { username: name, uid, gid, homedir: home } = userInfo();
  if (uid !== 0) throw new StartFailure(["gitopper init has to run as root"]);
  if (hasSystemd()) await assertUnit(exec);
  const answers = await settle(observeConfig(), ports);
  if (answers !== null) await gainAccess(answers, { ...ports, account: { name, uid, gid, home } });
  await checkConfig(ports);
  if (hasSystemd()) await startUnit(ports);
  else say("systemd does not run here: the unit is not enabled, and starts nothing");
  for (const line of nextSteps(answers?.upstream ?? "")) say(line);
}

/** Brings config and local upstream to what was answered; null: an edited config without an upstream in `[global]`. */
async function settle(seen: ConfigSeen, ports: InitPorts): Promise<Answers | null> {
  const { flags, person, say } = ports;
  const place = flags.local === null ? null : localPlace(flags.local);
  const given = givenAnswers(flags, place);
  if (seen.is === "edited") return keptAnswers(seen.global, given, say);
  const answers = await complete(seen, given, ports);
  const isTyped = person !== null && seen.is === "absent" && given.upstream === undefined;
  const local = place ?? (isTyped && isVacant(answers.upstream) ? answers.upstream : null);
  if (local !== null) await ensureLocalUpstream(local, answers.branch, ports);
  writeConfig(seen, answers, say);
  return answers;
}

/** Those of the flags, as the config takes them. @throws StartFailure */
function givenAnswers(flags: InitFlags, place: string | null): Partial<Answers> {
  const given: Partial<Record<keyof Answers, string>> = {};
  for (const key of ["upstream", "branch", "mount"] as const) {
    const text = key === "upstream" && place !== null ? place : flags[key];
    if (text === null) continue;
    const parsed = parseAnswer(key, text);
    if (!parsed.ok) throw new StartFailure([`--${key} ${parsed.why}`]);
    given[key] = parsed.value;
  }
  return given;
}

/** The upstream that an edited config has in `[global]`, which init does not change; null: none. */
function keptAnswers(
  global: Readonly<Record<string, unknown>>,
  given: Partial<Answers>,
  say: (line: string) => void,
): Answers | null {
  assertNoConflict(global, given);
  say(`kept ${configPath}, which is not as init wrote it`);
  const { upstream, branch = defaults.branch, mount = defaults.mount } = global;
  const answers = { upstream: String(upstream), branch: String(branch), mount: String(mount) };
  return typeof upstream === "string" && parseAnswer("upstream", upstream).ok ? answers : null;
}

/** Flags first, then the config of an earlier run, then the person, then the defaults. @throws StartFailure */
async function complete(seen: ConfigSeen, given: Partial<Answers>, { person }: InitPorts): Promise<Answers> {
  const before = seen.is === "ours" ? seen.answers : null;
  const known = { ...before, ...given };
  if (person === null) {
    if (known.upstream === undefined)
      throw new StartFailure([
        "Nothing can be asked here: give --upstream <url>, or --local for a repository on this host",
      ]);
    return { ...defaults, ...known, upstream: known.upstream };
  }
  const ask = async (key: keyof Answers, message: string, fallback: string) =>
    known[key] ?? (await person.ask({ message, fallback, parse: (text) => parseAnswer(key, text) })).trim();
  return {
    upstream: await ask("upstream", "Git repository (URL, or a directory here):", defaultPlace),
    branch: await ask("branch", "Branch:", defaults.branch),
    mount: await ask("mount", "Directory for checkouts:", defaults.mount),
  };
}

/** Warns of everything that the services of the config lack. @throws StartFailure when the config is not valid */
async function checkConfig({ say, warn, stopping }: InitPorts): Promise<void> {
  const parsed = parseOptions(["-c", configPath, "--check", "--online"]);
  if (!parsed.ok) throw new StartFailure([parsed.text]);
  const { faults, services } = await checkOnline(parsed.options, stopping);
  if (services === 0) return say(`checked ${configPath}: it has no services for ${hostname()} yet`);
  say(`checked ${configPath}: ${services} service${services === 1 ? "" : "s"} for ${hostname()}`);
  for (const fault of faults) warn(`warning: ${fault}`);
}

function nextSteps(upstream: string): readonly string[] {
  return [
    "",
    ...howToPush(upstream),
    "Next: gitopperctl adopt nginx /etc/nginx --into nginx   (takes a service over)",
    `      or edit ${configPath}, then systemctl reload gitopper`,
    "      gitopperctl list services",
  ];
}
