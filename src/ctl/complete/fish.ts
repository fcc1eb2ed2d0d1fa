/** Completion for fish(1). */
import type { CommandDefinition, Option } from "../cli/definition.ts";
import { globalOptions } from "../cli/global-options.ts";
import { type Outline, outlineOf } from "./outline.ts";

export function renderFish(commands: readonly CommandDefinition[]): string {
  const outline = outlineOf(commands);
  const lines = [
    ...outline.top.map(({ word, about }) => offerAt("", 0, word, about)),
    offerAt("", 0, "help", "print the help of a command"),
    ...[...outline.below].flatMap(([name, words]) =>
      words.map(({ word, about }) => offerAt(name, 0, word, about)),
    ),
    ...outline.leaves.flatMap(renderArguments),
    ...globalOptions.map((option) => `complete -c gitopperctl${renderOption(option)}`),
    ...commands.flatMap(({ name, options }) =>
      options.map(
        (option) => `complete -c gitopperctl -n '__gitopperctl_in "${name}"'${renderOption(option)}`,
      ),
    ),
  ];
  return `${renderFunctions(outline)}${lines.join("\n")}\n`;
}

function renderFunctions(outline: Outline): string {
  return `# Completion of gitopperctl for fish, made by "gitopperctl completion fish".
# Sets where we are: the command, and how many of its arguments there are.
function __gitopperctl_where
    set -g __gitopperctl_command ''
    set -g __gitopperctl_hosts
    set -g __gitopperctl_index 0
    set -l skip 0
    for word in (commandline -opc)[2..]
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
            case ${outline.valued.flatMap(({ flags }) => flags).join(" ")}
                set skip 1
            case '-*'
            case '@*'
                set -a __gitopperctl_hosts $word
            case '*'
                switch "$__gitopperctl_command"
                    case ''
                        set __gitopperctl_command (string replace -r '^ls$' list -- $word)
                    case ${[...outline.below.keys()].join(" ")}
                        set __gitopperctl_command "$__gitopperctl_command $word"
                    case '*'
                        set __gitopperctl_index (math $__gitopperctl_index + 1)
                end
        end
    end
end
function __gitopperctl_at
    __gitopperctl_where
    test "$__gitopperctl_command:$__gitopperctl_index" = "$argv[1]:$argv[2]"
end
function __gitopperctl_in
    __gitopperctl_where
    test "$__gitopperctl_command" = "$argv[1]"
end
function __gitopperctl_hosts_offered
    set -l before (string match -r '^@(?:.*,)?' -- (commandline -ct))
    for host in (gitopperctl __complete hosts 2>/dev/null)
        echo "$before$host"
    end
end
complete -c gitopperctl -f
complete -c gitopperctl -n 'string match -q "@*" -- (commandline -ct)' -a '(__gitopperctl_hosts_offered)' -d host
complete -c gitopperctl -s h -l help -d 'print the help'
complete -c gitopperctl -s v -l version -d 'print the version of this client'
`;
}

function offerAt(command: string, index: number, words: string, about: string): string {
  const quoted = words.replaceAll("'", "\\'");
  return `complete -c gitopperctl -n '__gitopperctl_at "${command}" ${index}' -a '${quoted}'${describe(about)}`;
}

function renderArguments({ name, arguments: args }: Outline["leaves"][number]): string[] {
  return args.flatMap(({ offer }, index) => {
    if (offer === undefined) return [];
    const words =
      offer === "services"
        ? "(gitopperctl __complete services $__gitopperctl_hosts 2>/dev/null)"
        : offer.join(" ");
    return [offerAt(name, index, words, offer === "services" ? "service" : "")];
  });
}

function renderOption({ long, short, value, fallback, help, offer }: Option): string {
  const takes =
    value === undefined || fallback !== undefined
      ? ""
      : offer === "files"
        ? " -r -F"
        : ` -x${offer === undefined ? "" : ` -a '${offer.join(" ")}'`}`;
  return `${short === undefined ? "" : ` -s ${short}`} -l ${long}${takes}${describe(help)}`;
}

function describe(about: string): string {
  return about === "" ? "" : ` -d '${about.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
