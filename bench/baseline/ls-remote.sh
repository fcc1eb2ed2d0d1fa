# usage: ls-remote.sh URL…
# Asks every upstream for the tip of its main branch, as lightly as git can.
set -eu
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
for url; do
  git ls-remote --quiet "$url" refs/heads/main >/dev/null
done
