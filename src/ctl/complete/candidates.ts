/** Finds the candidates for the last word of a command line. Pure. */
import type { Command, Option } from "../cli/definition.ts";
import { globalOptions } from "../cli/global-options.ts";
import { groups } from "../cli/help.ts";
import { flagsOf, takesNext } from "../cli/words.ts";

export interface Candidate {
  readonly word: string;
  /** Empty: the word is clear. */
  readonly about: string;
}

/** `hosts` and `services` need a query; `files` are completed by the shell. */
export type Candidates = "hosts" | "services" | "files" | readonly Candidate[];

/**
 * `current` is the word to complete, `before` those between it and the program's name, and `plain` the command and its
 * arguments among these, expanded.
 */
export function candidatesOf(
  before: readonly string[],
  current: string,
  plain: readonly string[],
  commands: readonly Command[],
): Candidates {
  if (current.startsWith("@")) return "hosts";
  const leaf = commands.find(({ name }) => name.split(" ").every((word, at) => plain[at] === word));
  const options = [...(leaf?.options ?? []), ...globalOptions];
  const valued = options.find((option) => takesNext(option) && flagsOf(option).includes(before.at(-1) ?? ""));
  if (valued !== undefined) return asWords(valued.offer);
  if (current.startsWith("-")) return optionWords(options, plain.length === 0);
  if (leaf === undefined) return commandWords(plain, commands);
  const last = leaf.arguments?.at(-1);
  const argument = leaf.arguments?.[plain.length - leaf.name.split(" ").length] ?? (last?.many && last);
  return asWords(argument?.offer);
}

/** The next word of an incomplete command. */
function commandWords(plain: readonly string[], commands: readonly Command[]): readonly Candidate[] {
  const [first] = plain;
  const words = new Map<string, string>();
  for (const { name, summary } of commands) {
    const [group = "", second] = name.split(" ");
    if (first === group && second !== undefined && plain.length === 1) words.set(second, summary);
    if (first === undefined)
      words.set(group, second === undefined ? summary : (groups[group]?.summary ?? ""));
  }
  if (first === undefined) words.set("help", "print the help of a command");
  return [...words].map(([word, about]) => ({ word, about }));
}

function optionWords(options: readonly Option[], isAlone: boolean): readonly Candidate[] {
  const own = options.flatMap((option) => flagsOf(option).map((word) => ({ word, about: option.help })));
  const help = ["-h", "--help"].map((word) => ({ word, about: "print the help" }));
  const version = ["-v", "--version"].map((word) => ({ word, about: "print the version of this client" }));
  return [...own, ...help, ...(isAlone ? version : [])];
}

function asWords(offer: "services" | "files" | readonly string[] | undefined): Candidates {
  if (offer === "services" || offer === "files") return offer;
  return (offer ?? []).map((word) => ({ word, about: "" }));
}
