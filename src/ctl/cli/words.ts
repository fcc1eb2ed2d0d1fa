/** Prepares the arguments for commander: removes `@host`, and expands prefixes of commands. */
import { parseDuration } from "../../model/text/duration.ts";
import { UsageFailure } from "../failure.ts";

/** What is known of the commands. */
export interface Vocabulary {
  /** The subcommands of every command. */
  readonly commands: Readonly<Record<string, readonly string[]>>;
  /** The commands of the original, whose prefixes keep their meaning. */
  readonly first: readonly string[];
  /** Options that take the next argument, with their dashes. */
  readonly takesValue: ReadonlySet<string>;
  /** Options with an optional value, a duration, and its default. */
  readonly fallbacks: Readonly<Record<string, string>>;
}

interface Word {
  readonly text: string;
  /** Neither an option, nor the value of one, nor after `--`. */
  readonly plain: boolean;
}

export interface Arranged {
  readonly hosts: readonly string[];
  /** The other arguments, for commander. */
  readonly rest: readonly string[];
  /** The command and its arguments among those. */
  readonly plain: readonly string[];
}

/** Short forms that are not prefixes. */
const aliases: Readonly<Record<string, string>> = { ls: "list" };

/**
 * Splits the arguments into those for commander and those that name hosts, wherever they are.
 * @throws UsageFailure for an ambiguous prefix
 */
export function arrange(words: readonly string[], vocabulary: Vocabulary): Arranged {
  const sorted = sortWords(words, vocabulary);
  const isHost = ({ text, plain }: Word) => plain && text.startsWith("@");
  const others = sorted.filter((word) => !isHost(word));
  const rest = expandPrefixes(others, vocabulary);
  return {
    hosts: sorted.filter(isHost).map(({ text }) => text),
    rest,
    plain: rest.filter((_, index) => others[index]?.plain),
  };
}

function sortWords(words: readonly string[], vocabulary: Vocabulary): Word[] {
  const end = words.indexOf("--");
  const sorted: Word[] = [];
  const before = words.slice(0, end === -1 ? undefined : end);
  while (before.length > 0) sorted.push(...takeWord(before, vocabulary));
  const behind = end === -1 ? [] : words.slice(end);
  return [...sorted, ...behind.map((text) => ({ text, plain: false }))];
}

/** Removes the first argument, with the value of an option that has one. */
function takeWord(words: string[], { takesValue, fallbacks }: Vocabulary): Word[] {
  const text = words.shift() ?? "";
  const fallback = Object.hasOwn(fallbacks, text) ? fallbacks[text] : undefined;
  if (fallback !== undefined) {
    const isGiven = parseDuration(words[0] ?? "") !== null;
    return [{ text: `${text}=${isGiven ? words.shift() : fallback}`, plain: false }];
  }
  if (!takesValue.has(text)) return [{ text, plain: !text.startsWith("-") }];
  return [text, ...words.splice(0, 1)].map((word) => ({ text: word, plain: false }));
}

/** Expands unambiguous prefixes of the command and the subcommand. */
function expandPrefixes(words: readonly Word[], { commands, first }: Vocabulary): string[] {
  const result = words.map(({ text }) => text);
  const [command, subcommand] = [...words.keys()].filter((index) => words[index]?.plain);
  if (command === undefined) return result;
  const name = expand(result[command] ?? "", first, Object.keys(commands));
  result[command] = name;
  const below = Object.hasOwn(commands, name) ? (commands[name] ?? []) : [];
  if (subcommand !== undefined && below.length > 0)
    result[subcommand] = expand(result[subcommand] ?? "", below, below);
  return result;
}

/** The command that a prefix stands for; of `service` and `services` the shorter one. */
function expand(prefix: string, first: readonly string[], all: readonly string[]): string {
  if (Object.hasOwn(aliases, prefix)) return aliases[prefix] ?? prefix;
  if (all.includes(prefix)) return prefix;
  for (const words of [first, all]) {
    const candidates = words.filter((word) => word.startsWith(prefix));
    const meant = candidates.find((word) => candidates.every((other) => other.startsWith(word)));
    if (meant !== undefined) return meant;
    if (candidates.length > 1) throw new UsageFailure(`"${prefix}" can be ${candidates.join(" or ")}`);
  }
  return prefix;
}
