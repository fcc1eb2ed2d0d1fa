# Completion of gitopperctl for fish, made by "gitopperctl completion fish".
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
            case -i --identity --token --via --timeout --color -n --limit --reason --for --until --name --role --expires
                set skip 1
            case '-*'
            case '@*'
                set -a __gitopperctl_hosts $word
            case '*'
                switch "$__gitopperctl_command"
                    case ''
                        set __gitopperctl_command (string replace -r '^ls$' list -- $word)
                    case list state do token
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
complete -c gitopperctl -n '__gitopperctl_at "" 0' -a 'status' -d 'a line for each service: state, commit, what is to come; ends with 3 if something is BROKEN or DIFF'
complete -c gitopperctl -n '__gitopperctl_at "" 0' -a 'describe' -d 'all of a service on a page; ends with 3 if it is BROKEN or DIFF'
complete -c gitopperctl -n '__gitopperctl_at "" 0' -a 'log' -d 'the service\'s deployments, newest first; above them the one under way'
complete -c gitopperctl -n '__gitopperctl_at "" 0' -a 'events' -d 'what has happened to the service, the newest last'
complete -c gitopperctl -n '__gitopperctl_at "" 0' -a 'diff' -d 'what a pull, or a rollback to the commit, would change in the service\'s files'
complete -c gitopperctl -n '__gitopperctl_at "" 0' -a 'plan' -d 'the exact steps that a pull, or a rollback to the commit, would take'
complete -c gitopperctl -n '__gitopperctl_at "" 0' -a 'drift' -d 'what on the host is not as the commit has it: local edits, mounts, the unit'
complete -c gitopperctl -n '__gitopperctl_at "" 0' -a 'doctor' -d 'looks at what gitopper needs on the host, with what to do; ends with 1 if something fails'
complete -c gitopperctl -n '__gitopperctl_at "" 0' -a 'watch' -d 'what happens, as it happens, until Ctrl-C'
complete -c gitopperctl -n '__gitopperctl_at "" 0' -a 'version' -d 'the versions of gitopperctl and of the daemon; --version asks no host'
complete -c gitopperctl -n '__gitopperctl_at "" 0' -a 'pull' -d 'look at the upstream now'
complete -c gitopperctl -n '__gitopperctl_at "" 0' -a 'freeze' -d 'stop following the upstream, and keep what is there now'
complete -c gitopperctl -n '__gitopperctl_at "" 0' -a 'unfreeze' -d 'follow the upstream again; names the commits that it will bring, and asks'
complete -c gitopperctl -n '__gitopperctl_at "" 0' -a 'rollback' -d 'go back to a commit, full or short id, and stay there; without one, offers those that worked'
complete -c gitopperctl -n '__gitopperctl_at "" 0' -a 'aside' -d 'unmount the single files of a service, or of all, so that a package manager can replace what is below'
complete -c gitopperctl -n '__gitopperctl_at "" 0' -a 'resume' -d 'mount again what `aside` has unmounted, and tell the units'
complete -c gitopperctl -n '__gitopperctl_at "" 0' -a 'list' -d 'list machines or services: machines, services, service'
complete -c gitopperctl -n '__gitopperctl_at "" 0' -a 'state' -d 'steer a service: freeze, unfreeze, rollback, pull'
complete -c gitopperctl -n '__gitopperctl_at "" 0' -a 'do' -d 'another word for state'
complete -c gitopperctl -n '__gitopperctl_at "" 0' -a 'token' -d 'tokens for HTTPS: new, list, revoke'
complete -c gitopperctl -n '__gitopperctl_at "" 0' -a 'audit' -d 'who asked for which change, from where, and what came of it; newest first'
complete -c gitopperctl -n '__gitopperctl_at "" 0' -a 'fingerprint' -d 'the fingerprint of the host\'s HTTPS certificate'
complete -c gitopperctl -n '__gitopperctl_at "" 0' -a 'completion' -d 'print what makes the shell complete commands, services and hosts'
complete -c gitopperctl -n '__gitopperctl_at "" 0' -a 'help' -d 'print the help of a command'
complete -c gitopperctl -n '__gitopperctl_at "list" 0' -a 'machines' -d 'the names that the host answers to'
complete -c gitopperctl -n '__gitopperctl_at "list" 0' -a 'services' -d 'every service of the host, with its commit and state'
complete -c gitopperctl -n '__gitopperctl_at "list" 0' -a 'service' -d 'one service, or every one'
complete -c gitopperctl -n '__gitopperctl_at "state" 0' -a 'freeze' -d 'stop following the upstream, and keep what is there now'
complete -c gitopperctl -n '__gitopperctl_at "state" 0' -a 'unfreeze' -d 'follow the upstream again'
complete -c gitopperctl -n '__gitopperctl_at "state" 0' -a 'rollback' -d 'go back to a commit, full or short id, and freeze there'
complete -c gitopperctl -n '__gitopperctl_at "state" 0' -a 'pull' -d 'look at the upstream now'
complete -c gitopperctl -n '__gitopperctl_at "do" 0' -a 'freeze' -d 'stop following the upstream, and keep what is there now'
complete -c gitopperctl -n '__gitopperctl_at "do" 0' -a 'unfreeze' -d 'follow the upstream again'
complete -c gitopperctl -n '__gitopperctl_at "do" 0' -a 'rollback' -d 'go back to a commit, full or short id, and freeze there'
complete -c gitopperctl -n '__gitopperctl_at "do" 0' -a 'pull' -d 'look at the upstream now'
complete -c gitopperctl -n '__gitopperctl_at "token" 0' -a 'new' -d 'make a token, which is printed this once'
complete -c gitopperctl -n '__gitopperctl_at "token" 0' -a 'list' -d 'the tokens that there are, and when each was last used'
complete -c gitopperctl -n '__gitopperctl_at "token" 0' -a 'revoke' -d 'make a token worthless, by its name or id'
complete -c gitopperctl -n '__gitopperctl_at "status" 0' -a '(gitopperctl __complete services $__gitopperctl_hosts 2>/dev/null)' -d 'service'
complete -c gitopperctl -n '__gitopperctl_at "describe" 0' -a '(gitopperctl __complete services $__gitopperctl_hosts 2>/dev/null)' -d 'service'
complete -c gitopperctl -n '__gitopperctl_at "log" 0' -a '(gitopperctl __complete services $__gitopperctl_hosts 2>/dev/null)' -d 'service'
complete -c gitopperctl -n '__gitopperctl_at "events" 0' -a '(gitopperctl __complete services $__gitopperctl_hosts 2>/dev/null)' -d 'service'
complete -c gitopperctl -n '__gitopperctl_at "diff" 0' -a '(gitopperctl __complete services $__gitopperctl_hosts 2>/dev/null)' -d 'service'
complete -c gitopperctl -n '__gitopperctl_at "plan" 0' -a '(gitopperctl __complete services $__gitopperctl_hosts 2>/dev/null)' -d 'service'
complete -c gitopperctl -n '__gitopperctl_at "drift" 0' -a '(gitopperctl __complete services $__gitopperctl_hosts 2>/dev/null)' -d 'service'
complete -c gitopperctl -n '__gitopperctl_at "watch" 0' -a '(gitopperctl __complete services $__gitopperctl_hosts 2>/dev/null)' -d 'service'
complete -c gitopperctl -n '__gitopperctl_at "pull" 0' -a '(gitopperctl __complete services $__gitopperctl_hosts 2>/dev/null)' -d 'service'
complete -c gitopperctl -n '__gitopperctl_at "freeze" 0' -a '(gitopperctl __complete services $__gitopperctl_hosts 2>/dev/null)' -d 'service'
complete -c gitopperctl -n '__gitopperctl_at "unfreeze" 0' -a '(gitopperctl __complete services $__gitopperctl_hosts 2>/dev/null)' -d 'service'
complete -c gitopperctl -n '__gitopperctl_at "rollback" 0' -a '(gitopperctl __complete services $__gitopperctl_hosts 2>/dev/null)' -d 'service'
complete -c gitopperctl -n '__gitopperctl_at "aside" 0' -a '(gitopperctl __complete services $__gitopperctl_hosts 2>/dev/null)' -d 'service'
complete -c gitopperctl -n '__gitopperctl_at "resume" 0' -a '(gitopperctl __complete services $__gitopperctl_hosts 2>/dev/null)' -d 'service'
complete -c gitopperctl -n '__gitopperctl_at "list service" 0' -a '(gitopperctl __complete services $__gitopperctl_hosts 2>/dev/null)' -d 'service'
complete -c gitopperctl -n '__gitopperctl_at "state freeze" 0' -a '(gitopperctl __complete services $__gitopperctl_hosts 2>/dev/null)' -d 'service'
complete -c gitopperctl -n '__gitopperctl_at "state unfreeze" 0' -a '(gitopperctl __complete services $__gitopperctl_hosts 2>/dev/null)' -d 'service'
complete -c gitopperctl -n '__gitopperctl_at "state rollback" 0' -a '(gitopperctl __complete services $__gitopperctl_hosts 2>/dev/null)' -d 'service'
complete -c gitopperctl -n '__gitopperctl_at "state pull" 0' -a '(gitopperctl __complete services $__gitopperctl_hosts 2>/dev/null)' -d 'service'
complete -c gitopperctl -n '__gitopperctl_at "do freeze" 0' -a '(gitopperctl __complete services $__gitopperctl_hosts 2>/dev/null)' -d 'service'
complete -c gitopperctl -n '__gitopperctl_at "do unfreeze" 0' -a '(gitopperctl __complete services $__gitopperctl_hosts 2>/dev/null)' -d 'service'
complete -c gitopperctl -n '__gitopperctl_at "do rollback" 0' -a '(gitopperctl __complete services $__gitopperctl_hosts 2>/dev/null)' -d 'service'
complete -c gitopperctl -n '__gitopperctl_at "do pull" 0' -a '(gitopperctl __complete services $__gitopperctl_hosts 2>/dev/null)' -d 'service'
complete -c gitopperctl -n '__gitopperctl_at "completion" 0' -a 'bash zsh fish'
complete -c gitopperctl -s m -l machine-readable -d 'print JSON, as it came, instead of a table'
complete -c gitopperctl -l json -d 'the same'
complete -c gitopperctl -s i -l identity -r -F -d 'go over ssh with this private key'
complete -c gitopperctl -l token -x -d 'go over https with this token'
complete -c gitopperctl -l via -x -a 'https ssh http socket' -d 'how to go there'
complete -c gitopperctl -l timeout -x -d 'how long to wait for each answer of a host (default 10s)'
complete -c gitopperctl -l absolute -d 'instants as they are, instead of how long ago'
complete -c gitopperctl -l color -x -a 'always never auto' -d 'when to use colours; by default auto, on a terminal'
complete -c gitopperctl -n '__gitopperctl_in "log"' -s n -l limit -x -d 'how many deployments at most (default 20)'
complete -c gitopperctl -n '__gitopperctl_in "log"' -l output -d 'what checks, probes and units said when deployments failed'
complete -c gitopperctl -n '__gitopperctl_in "events"' -s n -l limit -x -d 'how many events at most (default 50)'
complete -c gitopperctl -n '__gitopperctl_in "drift"' -l diff -d 'what local edits have changed in the files, as a patch'
complete -c gitopperctl -n '__gitopperctl_in "pull"' -l override-window -d 'what has come goes in though no window is open; needs a --reason'
complete -c gitopperctl -n '__gitopperctl_in "pull"' -l again -d 'try a commit once more that was refused or rolled back'
complete -c gitopperctl -n '__gitopperctl_in "pull"' -l all -d 'every service of the host, all at once'
complete -c gitopperctl -n '__gitopperctl_in "pull"' -l reason -x -d 'why, for those who look at it later'
complete -c gitopperctl -n '__gitopperctl_in "pull"' -l wait -d 'wait until the work has ended, at most this long (5m); ends with 3 if the service is BROKEN or DIFF then, or a commit waits for a window'
complete -c gitopperctl -n '__gitopperctl_in "freeze"' -l reason -x -d 'why, for those who look at it later'
complete -c gitopperctl -n '__gitopperctl_in "freeze"' -l for -x -d 'let go by itself after this time, such as 2h or 3d'
complete -c gitopperctl -n '__gitopperctl_in "freeze"' -l until -x -d 'let go by itself at this time'
complete -c gitopperctl -n '__gitopperctl_in "unfreeze"' -l yes -d 'do not ask'
complete -c gitopperctl -n '__gitopperctl_in "unfreeze"' -l wait -d 'wait until the work has ended, at most this long (5m); ends with 3 if the service is BROKEN or DIFF then, or a commit waits for a window'
complete -c gitopperctl -n '__gitopperctl_in "rollback"' -l previous -d 'go back to the commit that was there before the present one'
complete -c gitopperctl -n '__gitopperctl_in "rollback"' -l reason -x -d 'why, for those who look at it later'
complete -c gitopperctl -n '__gitopperctl_in "rollback"' -l wait -d 'wait until the work has ended, at most this long (5m); ends with 3 if the service is BROKEN or DIFF then, or a commit waits for a window'
complete -c gitopperctl -n '__gitopperctl_in "aside"' -l reason -x -d 'why, for those who look at it later'
complete -c gitopperctl -n '__gitopperctl_in "aside"' -l for -x -d 'resume by itself after this time (default 15m)'
complete -c gitopperctl -n '__gitopperctl_in "resume"' -l reason -x -d 'why, for those who look at it later'
complete -c gitopperctl -n '__gitopperctl_in "token new"' -l name -x -d 'what it is called, such as ci'
complete -c gitopperctl -n '__gitopperctl_in "token new"' -l role -x -a 'read operate' -d 'what it may do'
complete -c gitopperctl -n '__gitopperctl_in "token new"' -l expires -x -d 'how long it is good for, such as 90d (default: for ever)'
complete -c gitopperctl -n '__gitopperctl_in "audit"' -s n -l limit -x -d 'how many entries at most (default 50)'
