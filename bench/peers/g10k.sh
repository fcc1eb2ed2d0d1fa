# usage: g10k.sh URL LIST
# g10k updates the environment; puppet applies it if its commit is new.
set -eu
url=$1 list=$2
if [ ! -e /etc/g10k.yaml ]; then
  cat >/etc/g10k.yaml <<CONF
---
:cachedir: /var/cache/g10k
sources:
  main:
    remote: '$url'
    basedir: /etc/puppet/code/environments
CONF
fi
g10k -quiet -config /etc/g10k.yaml -branch main
deployed=/etc/puppet/code/environments/main/.g10k-deploy.json
. "$PEERS/puppet-apply.sh"
