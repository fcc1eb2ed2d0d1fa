# Completion of gitopperctl for fish, made by "gitopperctl completion fish".
function __gitopperctl_offers
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for offer in (gitopperctl __complete $words[2..] "$current" 2>/dev/null)
        if test "$offer" = :files
            __fish_complete_path "$current"
        else
            echo $offer
        end
    end
end
complete -c gitopperctl -f -a '(__gitopperctl_offers)'
