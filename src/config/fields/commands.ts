/** Parses commands of the config: checks and probes. */
import { type Argv, type Check, plainService } from "../../model/service.ts";
import { type Findings, type Path, quote } from "../errors/finding.ts";
import type { ServiceFile } from "../file.ts";
import { spanWithin } from "./spans.ts";
import type { Table } from "./table.ts";
import { parseUser } from "./values/names.ts";

const commandsMax = 20;
const timeoutDefaultMs = 60_000;
const timeout = spanWithin(100, 3_600_000, 'give how long each command may take, such as "1m"');

/** A program and its arguments; null: invalid, and reported. */
export function readArgv(argv: Argv, at: Path, findings: Findings): Argv | null {
  const [program] = argv;
  if (program === undefined) findings.add(at, 'is empty; give a command, such as ["nginx", "-t"]');
  else if (program === "" || program.startsWith("-"))
    findings.add([...at, 0], `${quote(program)} is not a program; use one such as "nginx"`);
  else return argv;
  return null;
}

/** The check of a service; does not check whether its user exists. */
export function readCheck(service: Table<ServiceFile>): Check | null {
  const { file, at, findings } = service;
  const user = service.optional("check_user", parseUser);
  const timeoutMs = service.optional("check_timeout", timeout) ?? timeoutDefaultMs;
  if (file.check === undefined) {
    for (const key of ["check_user", "check_timeout", "check_network"] as const)
      if (file[key]) service.report(key, 'goes with a check; add check = ["nginx", "-t"], or take it out');
    return plainService.check;
  }
  const commands = readCommands(file.check, [...at, "check"], findings);
  return commands && { commands, user, timeoutMs, network: file.check_network ?? false };
}

function readCommands(
  check: NonNullable<ServiceFile["check"]>,
  at: Path,
  findings: Findings,
): readonly Argv[] | null {
  const words = check.filter((part) => typeof part === "string");
  if (words.length === check.length) {
    const argv = readArgv(words, at, findings);
    return argv && [argv];
  }
  const lists = check.filter((part) => typeof part !== "string");
  if (lists.length < check.length) {
    findings.add(at, 'has strings beside lists; use ["nginx", "-t"], or a list of such lists');
    return null;
  }
  if (lists.length > commandsMax)
    findings.add(at, `has ${lists.length} commands; use at most ${commandsMax}`);
  const read = lists.map((argv, index) => readArgv(argv, [...at, index], findings));
  return read.every((argv) => argv !== null) ? read : null;
}
