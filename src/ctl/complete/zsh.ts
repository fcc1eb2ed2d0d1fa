/** Completion for zsh(1). */
import type { CommandDefinition } from "../cli/definition.ts";
import { flagsOf, type Outline, outlineOf, type Word } from "./outline.ts";

export function renderZsh(commands: readonly CommandDefinition[]): string {
  const outline = outlineOf(commands);
  return `#compdef gitopperctl
# Completion of gitopperctl for zsh, made by "gitopperctl completion zsh".
_gitopperctl() {
  local word command='' skip='' index=0
  local -a hosts offers
  local cur=\${words[CURRENT]} prev=\${words[CURRENT-1]}
  for word in "\${(@)words[2,CURRENT-1]}"; do
    if [[ -n $skip ]]; then skip=''; continue; fi
    case $word in
      ${outline.valued.flatMap(({ flags }) => flags).join("|")}) skip=1 ;;
      -*) ;;
      @*) hosts+=("$word") ;;
      *)
        case $command in
          '') if [[ $word == ls ]]; then command=list; else command=$word; fi ;;
          ${[...outline.below.keys()].join("|")}) command="$command $word" ;;
          *) index=$((index + 1)) ;;
        esac
        ;;
    esac
  done
${renderOffers(outline)}
}
# Read by itself, or loaded from $fpath.
if [[ \${funcstack[1]} == _gitopperctl ]]; then _gitopperctl "$@"; else compdef _gitopperctl gitopperctl; fi
`;
}

function renderOffers(outline: Outline): string {
  return `  if [[ $cur == @* ]]; then
    offers=(\${(f)"$(gitopperctl __complete hosts 2>/dev/null)"})
    if [[ $cur == *,* ]]; then compadd -p "\${cur%,*}," -- $offers; else compadd -p @ -- $offers; fi
  elif [[ -n $skip ]]; then
    case $prev in
${outline.valued.map(renderValue).join("")}    esac
  elif [[ $cur == -* ]]; then
    case $command in
${outline.leaves.map(renderOptions).join("")}    esac
    _describe option offers
  else
    case "$command:$index" in
      :0) offers=(${renderWords([...outline.top, { word: "help", about: "print the help of a command" }])}) ;;
${[...outline.below].map(([name, words]) => `      ${name}:0) offers=(${renderWords(words)}) ;;\n`).join("")}${outline.leaves.flatMap(renderArguments).join("")}    esac
    _describe word offers
  fi`;
}

function renderValue({ flags, option: { offer } }: Outline["valued"][number]): string {
  if (offer === undefined) return "";
  return `      ${flags.join("|")}) ${offer === "files" ? "_files" : `compadd -- ${offer.join(" ")}`} ;;\n`;
}

function renderOptions({ name, options }: Outline["leaves"][number]): string {
  const words = options.flatMap((option) => flagsOf(option).map((word) => ({ word, about: option.help })));
  return `      '${name}') offers=(${renderWords(words)}) ;;\n`;
}

function renderArguments({ name, arguments: args }: Outline["leaves"][number]): string[] {
  return args.flatMap(({ offer }, index) => {
    if (offer === undefined) return [];
    const words =
      offer === "services"
        ? `offers=(\${\${(f)"$(gitopperctl __complete services $hosts 2>/dev/null)"}//:/\\\\:})`
        : `offers=(${offer.join(" ")})`;
    return [`      '${name}:${index}') ${words} ;;\n`];
  });
}

/** `'word:what it is'`, as _describe takes them. */
function renderWords(words: readonly Word[]): string {
  const quote = (text: string) => text.replaceAll("'", "'\\''");
  return words.map(({ word, about }) => `'${word}:${quote(about)}'`).join(" ");
}
