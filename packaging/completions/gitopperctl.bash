# Completion of gitopperctl for bash, made by "gitopperctl completion bash".
_gitopperctl() {
  # Bash takes words apart at "@", ":" and "="; here they are put together again.
  local line=${COMP_LINE:0:COMP_POINT} words cur offer
  read -ra words <<<"$line"
  if [[ $line == *[[:space:]] ]]; then words+=(''); fi
  cur=${words[-1]}
  # Readline replaces what stands behind the last of its breaks; an "@" it takes for a part of the word.
  local breaks=${COMP_WORDBREAKS//[^@:=]/} kept=''
  if [[ $breaks && $cur == *["$breaks"]* ]]; then
    kept=${cur%"${cur##*["$breaks"]}"}
    kept=${kept%@}
  fi
  COMPREPLY=()
  while IFS=$'\t' read -r offer _; do
    if [[ $offer == :files ]]; then
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      compopt -o filenames
      return
    fi
    COMPREPLY+=("${offer#"$kept"}")
  done < <(gitopperctl __complete "${words[@]:1}" 2>/dev/null)
}
complete -F _gitopperctl gitopperctl
