# usage: git.sh URL LIST   (LIST has a line for each service: UNIT LINK LOCAL)
# What cron or a webhook runs: one fetch for all services, then a checkout and a reload for those that it changed.
set -eu
url=$1 list=$2
store=/srv/plain/store.git deployed=/srv/plain/deployed
scripts=$PEERS/../baseline
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
exec 9>/run/plain.lock
flock 9

if [ ! -e "$deployed" ]; then
  . "$scripts/cold-start.sh"
  # From now on small files come with their commit, instead of with a request of their own.
  git config remote.origin.partialclonefilter blob:limit=32k
  git rev-parse main >"$deployed"
  exit
fi

. "$scripts/poll.sh"
read -r old <"$deployed"
new=$(git --git-dir="$store" rev-parse origin/main)
[ "$old" != "$new" ] || exit 0

# The units of all links that changed: each changed path is looked up with all of its parents.
units=$(git --git-dir="$store" diff-tree -r --name-only --no-renames "$old" "$new" | awk '
  FNR == NR { unit[$2] = $1; next }
  { do if ($0 in unit) print unit[$0]; while (sub("/[^/]*$", "")) }' "$list" - | sort -u)
for unit in $units; do
  git -C "/srv/plain/$unit" checkout --quiet --detach "$new"
done
[ -z "$units" ] || systemctl reload $units
echo "$new" >"$deployed"
