# Completion of gitopperctl for bash, made by "gitopperctl completion bash".
_gitopperctl() {
  # Bash takes words apart at "@", ":" and "="; here they are put together again.
  local line=${COMP_LINE:0:COMP_POINT} words word cur prev command='' hosts=() index=0 skip='' offer=''
  read -ra words <<<"$line"
  if [[ $line == *[[:space:]] ]]; then words+=(''); fi
  cur=${words[-1]}
  prev=''
  if ((${#words[@]} > 2)); then prev=${words[-2]}; fi
  for word in "${words[@]:1:${#words[@]}-2}"; do
    if [[ $skip ]]; then skip=''; continue; fi
    case $word in
      -i | --identity | --token | --via | --timeout | --color | -n | --limit | --reason | --for | --until | --name | --role | --expires) skip=1 ;;
      -*) ;;
      @*) hosts+=("$word") ;;
      *)
        case $command in
          '') command=${word/#ls/list}; if [[ $word != ls && $word == ls* ]]; then command=$word; fi ;;
          list | state | do | token) command="$command $word" ;;
          *) index=$((index + 1)) ;;
        esac
        ;;
    esac
  done
  if [[ $cur == @* ]]; then
    local before=''
    if [[ $cur == *,* ]]; then before=${cur%,*},; else before=@; fi
    while read -r word; do offer+=" $before$word"; done < <(gitopperctl __complete hosts 2>/dev/null)
  elif [[ $skip ]]; then
    case $prev in
      -i | --identity) COMPREPLY=($(compgen -f -- "$cur")); return ;;
      --via) offer='https ssh http socket' ;;
      --color) offer='always never auto' ;;
      --role) offer='read operate' ;;
    esac
  elif [[ $cur == -* ]]; then
    case $command in
      'status') offer='-m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'describe') offer='-m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'log') offer='-n --limit --output -m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'events') offer='-n --limit -m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'diff') offer='-m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'plan') offer='-m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'drift') offer='--diff -m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'doctor') offer='-m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'watch') offer='-m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'version') offer='-m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'pull') offer='--override-window --again --all --reason --wait -m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'freeze') offer='--reason --for --until -m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'unfreeze') offer='--yes --wait -m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'rollback') offer='--previous --reason --wait -m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'aside') offer='--reason --for -m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'resume') offer='--reason -m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'list machines') offer='-m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'list services') offer='-m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'list service') offer='-m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'state freeze') offer='-m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'state unfreeze') offer='-m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'state rollback') offer='-m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'state pull') offer='-m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'do freeze') offer='-m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'do unfreeze') offer='-m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'do rollback') offer='-m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'do pull') offer='-m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'token new') offer='--name --role --expires -m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'token list') offer='-m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'token revoke') offer='-m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'audit') offer='-n --limit -m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'fingerprint') offer='-m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      'completion') offer='-m --machine-readable --json -i --identity --token --via --timeout --absolute --color -h --help' ;;
      *) offer='-h --help -v --version' ;;
    esac
  else
    case "$command:$index" in
      :0) offer='status describe log events diff plan drift doctor watch version pull freeze unfreeze rollback aside resume list state do token audit fingerprint completion help' ;;
      list:0) offer='machines services service' ;;
      state:0) offer='freeze unfreeze rollback pull' ;;
      do:0) offer='freeze unfreeze rollback pull' ;;
      token:0) offer='new list revoke' ;;
      'status:0') offer=$(gitopperctl __complete services "${hosts[@]}" 2>/dev/null) ;;
      'describe:0') offer=$(gitopperctl __complete services "${hosts[@]}" 2>/dev/null) ;;
      'log:0') offer=$(gitopperctl __complete services "${hosts[@]}" 2>/dev/null) ;;
      'events:0') offer=$(gitopperctl __complete services "${hosts[@]}" 2>/dev/null) ;;
      'diff:0') offer=$(gitopperctl __complete services "${hosts[@]}" 2>/dev/null) ;;
      'plan:0') offer=$(gitopperctl __complete services "${hosts[@]}" 2>/dev/null) ;;
      'drift:0') offer=$(gitopperctl __complete services "${hosts[@]}" 2>/dev/null) ;;
      'watch:0') offer=$(gitopperctl __complete services "${hosts[@]}" 2>/dev/null) ;;
      'pull:0') offer=$(gitopperctl __complete services "${hosts[@]}" 2>/dev/null) ;;
      'freeze:0') offer=$(gitopperctl __complete services "${hosts[@]}" 2>/dev/null) ;;
      'unfreeze:0') offer=$(gitopperctl __complete services "${hosts[@]}" 2>/dev/null) ;;
      'rollback:0') offer=$(gitopperctl __complete services "${hosts[@]}" 2>/dev/null) ;;
      'aside:0') offer=$(gitopperctl __complete services "${hosts[@]}" 2>/dev/null) ;;
      'resume:0') offer=$(gitopperctl __complete services "${hosts[@]}" 2>/dev/null) ;;
      'list service:0') offer=$(gitopperctl __complete services "${hosts[@]}" 2>/dev/null) ;;
      'state freeze:0') offer=$(gitopperctl __complete services "${hosts[@]}" 2>/dev/null) ;;
      'state unfreeze:0') offer=$(gitopperctl __complete services "${hosts[@]}" 2>/dev/null) ;;
      'state rollback:0') offer=$(gitopperctl __complete services "${hosts[@]}" 2>/dev/null) ;;
      'state pull:0') offer=$(gitopperctl __complete services "${hosts[@]}" 2>/dev/null) ;;
      'do freeze:0') offer=$(gitopperctl __complete services "${hosts[@]}" 2>/dev/null) ;;
      'do unfreeze:0') offer=$(gitopperctl __complete services "${hosts[@]}" 2>/dev/null) ;;
      'do rollback:0') offer=$(gitopperctl __complete services "${hosts[@]}" 2>/dev/null) ;;
      'do pull:0') offer=$(gitopperctl __complete services "${hosts[@]}" 2>/dev/null) ;;
      'completion:0') offer='bash zsh fish' ;;
    esac
  fi
  # Not compgen -W, which would carry out what stands in a name.
  local offers=() fitting=()
  read -rd '' -a offers <<<"$offer"
  for word in "${offers[@]}"; do
    if [[ $word == "$cur"* ]]; then fitting+=("$word"); fi
  done
  # Readline replaces what stands behind the last of its breaks; an "@" it takes for a part of the word.
  local breaks=${COMP_WORDBREAKS//[^@:=]/} kept=''
  if [[ $breaks && $cur == *["$breaks"]* ]]; then
    kept=${cur%"${cur##*["$breaks"]}"}
    kept=${kept%@}
  fi
  COMPREPLY=("${fitting[@]#"$kept"}")
}
complete -F _gitopperctl gitopperctl
