# usage: pull-setup.sh URL UNIT LINK LOCAL
# One service as people do it by hand: a sparse partial clone, a bind mount, a unit.
set -eu
url=$1 unit=$2 link=$3 local=$4
clone=/srv/by-hand/$unit
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
export GIT_COMMITTER_NAME=bench GIT_COMMITTER_EMAIL=bench@localhost
git clone --quiet --filter=blob:none --no-checkout "$url" "$clone"
cd "$clone"
# Housekeeping is for the night.
git config gc.auto 0
git config maintenance.auto false
git sparse-checkout set --cone --sparse-index "$link"
git checkout --quiet main
mkdir -p "$local"
mount --bind "$clone/$link" "$local"
systemctl start "$unit"
