/** Completion for bash(1), 4 or newer; it needs no other package. */
import type { CommandDefinition } from "../cli/definition.ts";
import { flagsOf, type Outline, outlineOf } from "./outline.ts";

export function renderBash(commands: readonly CommandDefinition[]): string {
  const outline = outlineOf(commands);
  return `# Completion of gitopperctl for bash, made by "gitopperctl completion bash".
_gitopperctl() {
  # Bash takes words apart at "@", ":" and "="; here they are put together again.
  local line=\${COMP_LINE:0:COMP_POINT} words word cur prev command='' hosts=() index=0 skip='' offer=''
  read -ra words <<<"$line"
  if [[ $line == *[[:space:]] ]]; then words+=(''); fi
  cur=\${words[-1]}
  prev=''
  if ((\${#words[@]} > 2)); then prev=\${words[-2]}; fi
  for word in "\${words[@]:1:\${#words[@]}-2}"; do
    if [[ $skip ]]; then skip=''; continue; fi
    case $word in
      ${outline.valued.flatMap(({ flags }) => flags).join(" | ")}) skip=1 ;;
      -*) ;;
      @*) hosts+=("$word") ;;
      *)
        case $command in
          '') command=\${word/#ls/list}; if [[ $word != ls && $word == ls* ]]; then command=$word; fi ;;
          ${[...outline.below.keys()].join(" | ")}) command="$command $word" ;;
          *) index=$((index + 1)) ;;
        esac
        ;;
    esac
  done
${renderOffers(outline)}
  # Not compgen -W, which would carry out what stands in a name.
  local offers=() fitting=()
  read -rd '' -a offers <<<"$offer"
  for word in "\${offers[@]}"; do
    if [[ $word == "$cur"* ]]; then fitting+=("$word"); fi
  done
  # Readline replaces what stands behind the last of its breaks; an "@" it takes for a part of the word.
  local breaks=\${COMP_WORDBREAKS//[^@:=]/} kept=''
  if [[ $breaks && $cur == *["$breaks"]* ]]; then
    kept=\${cur%"\${cur##*["$breaks"]}"}
    kept=\${kept%@}
  fi
  COMPREPLY=("\${fitting[@]#"$kept"}")
}
complete -F _gitopperctl gitopperctl
`;
}

function renderOffers(outline: Outline): string {
  return `  if [[ $cur == @* ]]; then
    local before=''
    if [[ $cur == *,* ]]; then before=\${cur%,*},; else before=@; fi
    while read -r word; do offer+=" $before$word"; done < <(gitopperctl __complete hosts 2>/dev/null)
  elif [[ $skip ]]; then
    case $prev in
${outline.valued.map(renderValue).join("")}    esac
  elif [[ $cur == -* ]]; then
    case $command in
${outline.leaves.map(({ name, options }) => `      '${name}') offer='${options.flatMap(flagsOf).join(" ")} -h --help' ;;\n`).join("")}      *) offer='-h --help -v --version' ;;
    esac
  else
    case "$command:$index" in
      :0) offer='${outline.top.map(({ word }) => word).join(" ")} help' ;;
${[...outline.below].map(([name, words]) => `      ${name}:0) offer='${words.map(({ word }) => word).join(" ")}' ;;\n`).join("")}${outline.leaves.flatMap(renderArguments).join("")}    esac
  fi`;
}

function renderValue({ flags, option: { offer } }: Outline["valued"][number]): string {
  if (offer === undefined) return "";
  const then =
    offer === "files" ? `COMPREPLY=($(compgen -f -- "$cur")); return` : `offer='${offer.join(" ")}'`;
  return `      ${flags.join(" | ")}) ${then} ;;\n`;
}

function renderArguments({ name, arguments: args }: Outline["leaves"][number]): string[] {
  return args.flatMap(({ offer }, index) => {
    if (offer === undefined) return [];
    const words =
      offer === "services"
        ? `offer=$(gitopperctl __complete services "\${hosts[@]}" 2>/dev/null)`
        : `offer='${offer.join(" ")}'`;
    return [`      '${name}:${index}') ${words} ;;\n`];
  });
}
