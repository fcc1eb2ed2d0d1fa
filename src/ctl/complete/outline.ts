/** The commands as completion scripts need them. */

import type { Argument, CommandDefinition, Option } from "../cli/definition.ts";
import { globalOptions } from "../cli/global-options.ts";
import { groups } from "../commands/groups.ts";

export interface Word {
  readonly word: string;
  readonly about: string;
}

export interface Leaf {
  /** `status`, `list services`. */
  readonly name: string;
  readonly arguments: readonly Argument[];
  /** Its own and the global ones. */
  readonly options: readonly Option[];
}

export interface Outline {
  readonly top: readonly Word[];
  /** The second words of those that have them. */
  readonly below: ReadonlyMap<string, readonly Word[]>;
  readonly leaves: readonly Leaf[];
  /** Every option that takes the next word, with its dashes. */
  readonly valued: readonly { readonly flags: readonly string[]; readonly option: Option }[];
}

/** What is hidden is left out. */
export function outlineOf(commands: readonly CommandDefinition[]): Outline {
  const shown = commands.filter(({ section }) => section !== "hidden");
  const top = new Map<string, string>();
  const below = new Map<string, Word[]>();
  for (const { name, summary } of shown) {
    const [first = "", second] = name.split(" ");
    top.set(first, second === undefined ? summary : (groups[first]?.summary ?? ""));
    if (second !== undefined)
      below.set(first, [...(below.get(first) ?? []), { word: second, about: summary }]);
  }
  const options = [...globalOptions, ...shown.flatMap((command) => command.options)];
  const valued = options.filter(({ value, fallback }) => value !== undefined && fallback === undefined);
  return {
    top: [...top].map(([word, about]) => ({ word, about })),
    below,
    leaves: shown.map(({ name, arguments: args, options }) => {
      return { name, arguments: args, options: [...options, ...globalOptions] };
    }),
    valued: [...new Map(valued.map((option) => [option.long, { flags: flagsOf(option), option }])).values()],
  };
}

/** With their dashes: `-i`, `--identity`. */
export function flagsOf({ long, short }: Option): string[] {
  return [...(short === undefined ? [] : [`-${short}`]), `--${long}`];
}
