/** Prepares the arguments for commander: removes `@host`, and expands prefixes of commands. */
import { parseDuration } from "../../model/text/duration.ts";
import { UsageFailure } from "../failure.ts";
import type { Command, Option } from "./definition.ts";
import { globalOptions } from "./global-options.ts";

interface Word {
  readonly text: string;
  /** Neither an option, nor the value of one, nor after `--`. */
  readonly plain: boolean;
}

/** The commands of the original, whose prefixes keep their meaning. */
const originals = ["list", "state", "do", "help"];

/**
 * Splits the arguments into those that name hosts, wherever they are, and the rest for commander; `plain` are the command
 * and its arguments among the rest. @throws UsageFailure for an ambiguous prefix
 */
export function arrange(words: readonly string[], commands: readonly Command[]) {
  const sorted = sortWords(words, [...globalOptions, ...commands.flatMap(({ options = [] }) => options)]);
  const isHost = ({ text, plain }: Word) => plain && text.startsWith("@");
  const others = sorted.filter((word) => !isHost(word));
  const rest = expandPrefixes(others, commands);
  return {
    hosts: sorted.filter(isHost).map(({ text }) => text),
    rest,
    plain: rest.filter((_, index) => others[index]?.plain),
  };
}

function sortWords(words: readonly string[], options: readonly Option[]): Word[] {
  const end = words.indexOf("--");
  const sorted: Word[] = [];
  const before = words.slice(0, end === -1 ? undefined : end);
  while (before.length > 0) sorted.push(...takeWord(before, options));
  const behind = end === -1 ? [] : words.slice(end);
  return [...sorted, ...behind.map((text) => ({ text, plain: false }))];
}

/** Removes the first argument, with the value of an option that has one. */
function takeWord(words: string[], options: readonly Option[]): Word[] {
  const text = words.shift() ?? "";
  const option = options.find((candidate) => flagsOf(candidate).includes(text));
  if (option === undefined) return [{ text, plain: !text.startsWith("-") }];
  if (option.fallback !== undefined) {
    const isGiven = parseDuration(words[0] ?? "") !== null;
    return [{ text: `${text}=${isGiven ? words.shift() : option.fallback}`, plain: false }];
  }
  const value = takesNext(option) ? words.splice(0, 1) : [];
  return [text, ...value].map((word) => ({ text: word, plain: false }));
}

/** With their dashes: `-i`, `--identity`. */
export function flagsOf({ long, short }: Option): string[] {
  return [...(short === undefined ? [] : [`-${short}`]), `--${long}`];
}

/** Whether the next argument is its value. */
export function takesNext({ value, fallback }: Option): boolean {
  return value !== undefined && fallback === undefined;
}

/** Expands unambiguous prefixes of the command and the subcommand. */
function expandPrefixes(words: readonly Word[], commands: readonly Command[]): string[] {
  const result = words.map(({ text }) => text);
  const [command, subcommand] = [...words.keys()].filter((index) => words[index]?.plain);
  if (command === undefined) return result;
  const all = commands.map(({ name }) => name.split(" "));
  const names = [...new Set(all.map(([first = ""]) => first))];
  const name = expand(result[command] ?? "", originals, [...names, "help"]);
  result[command] = name;
  const second = all.filter(([first]) => first === name).flatMap(([, word]) => word ?? []);
  const below = name === "help" ? names : second;
  if (subcommand !== undefined && below.length > 0)
    result[subcommand] = expand(result[subcommand] ?? "", below, below);
  return result;
}

/** The command that a prefix stands for; of `service` and `services` the shorter one. */
function expand(prefix: string, first: readonly string[], all: readonly string[]): string {
  // The one short form that is not a prefix.
  if (prefix === "ls") return "list";
  if (all.includes(prefix)) return prefix;
  for (const words of [first, all]) {
    const candidates = words.filter((word) => word.startsWith(prefix));
    const meant = candidates.find((word) => candidates.every((other) => other.startsWith(word)));
    if (meant !== undefined) return meant;
    if (candidates.length > 1) throw new UsageFailure(`"${prefix}" can be ${candidates.join(" or ")}`);
  }
  return prefix;
}
