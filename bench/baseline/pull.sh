# usage: pull.sh UNIT
# Brings news from the upstream into the clone that pull-setup.sh has made, and tells the unit.
set -eu
unit=$1
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
export GIT_COMMITTER_NAME=bench GIT_COMMITTER_EMAIL=bench@localhost
cd "/srv/by-hand/$unit"
git fetch --quiet && git merge --quiet --ff-only origin/main && systemctl reload "$unit"
