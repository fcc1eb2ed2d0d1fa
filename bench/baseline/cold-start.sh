# usage: cold-start.sh URL LIST   (LIST has a line for each service: UNIT LINK LOCAL)
# Brings up all services of one upstream from nothing, with as few processes and requests as plain git can.
set -eu
url=$1 list=$2
base=/srv/plain store=/srv/plain/store.git
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
export GIT_COMMITTER_NAME=bench GIT_COMMITTER_EMAIL=bench@localhost

# One bare partial clone for all; worktrees need core.bare out of the shared config (git-worktree(1)).
mkdir -p "$base"
git clone --quiet --bare --filter=blob:none --no-tags --single-branch --branch=main "$url" "$store"
cd "$store"
git config extensions.worktreeConfig true
git config --worktree core.bare true
git config --unset core.bare

# All files that all checkouts need, in one request.
{
  git ls-tree -r --format='%(objectname)' main -- $(cut -d' ' -f2 "$list")
  git ls-tree --format='%(objecttype) %(objectname)' main | sed -n 's/^blob //p'
} | sort -u | git -c fetch.negotiationAlgorithm=noop fetch --quiet --no-tags --no-write-fetch-head \
  --no-auto-maintenance --filter=blob:none --stdin origin

# Worktrees one after the other (git worktree add fails when it meets another one half made), files in parallel.
while read -r unit link local; do
  git worktree add --quiet --no-checkout --detach "$base/$unit" main
done <"$list"
xargs -P "$(nproc)" -L 1 sh -euc '
  cd "$0/$1"
  git sparse-checkout set --cone --sparse-index "$2"
  git checkout --quiet --detach main
' "$base" <"$list"

while read -r unit link local; do
  mkdir -p "$local"
  mount --bind "$base/$unit/$link" "$local"
done <"$list"

systemctl start $(cut -d' ' -f1 "$list")
