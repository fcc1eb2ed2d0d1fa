/** The shells' completion scripts, which call `gitopperctl __complete` and know no commands themselves. */
import { filesLine } from "./complete.ts";

/** For bash(1) from version 4, without other packages. */
const bash = `# Completion of gitopperctl for bash, made by "gitopperctl completion bash".
_gitopperctl() {
  # Bash takes words apart at "@", ":" and "="; here they are put together again.
  local line=\${COMP_LINE:0:COMP_POINT} words cur offer
  read -ra words <<<"$line"
  if [[ $line == *[[:space:]] ]]; then words+=(''); fi
  cur=\${words[-1]}
  # Readline replaces what stands behind the last of its breaks; an "@" it takes for a part of the word.
  local breaks=\${COMP_WORDBREAKS//[^@:=]/} kept=''
  if [[ $breaks && $cur == *["$breaks"]* ]]; then
    kept=\${cur%"\${cur##*["$breaks"]}"}
    kept=\${kept%@}
  fi
  COMPREPLY=()
  while IFS=$'\\t' read -r offer _; do
    if [[ $offer == ${filesLine} ]]; then
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      compopt -o filenames
      return
    fi
    COMPREPLY+=("\${offer#"$kept"}")
  done < <(gitopperctl __complete "\${words[@]:1}" 2>/dev/null)
}
complete -F _gitopperctl gitopperctl
`;

const zsh = `#compdef gitopperctl
# Completion of gitopperctl for zsh, made by "gitopperctl completion zsh".
_gitopperctl() {
  local offer about
  local -a offers
  while IFS=$'\\t' read -r offer about; do
    if [[ $offer == ${filesLine} ]]; then _files; return; fi
    offers+=("\${offer//:/\\\\:}\${about:+:$about}")
  done < <(gitopperctl __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)
  _describe word offers
}
# Read by itself, or loaded from $fpath.
if [[ \${funcstack[1]} == _gitopperctl ]]; then _gitopperctl "$@"; else compdef _gitopperctl gitopperctl; fi
`;

const fish = `# Completion of gitopperctl for fish, made by "gitopperctl completion fish".
function __gitopperctl_offers
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for offer in (gitopperctl __complete $words[2..] "$current" 2>/dev/null)
        if test "$offer" = ${filesLine}
            __fish_complete_path "$current"
        else
            echo $offer
        end
    end
end
complete -c gitopperctl -f -a '(__gitopperctl_offers)'
`;

export const scripts = { bash, zsh, fish } as const;
