# usage: poll.sh
# Asks the upstream of the store that cold-start.sh has made for news: one git fetch.
set -eu
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
git --git-dir=/srv/plain/store.git fetch --quiet --no-tags --no-auto-maintenance origin \
  +refs/heads/main:refs/remotes/origin/main
