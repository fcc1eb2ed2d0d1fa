# usage: r10k.sh URL LIST
# r10k updates the environment; puppet applies it if its commit is new.
set -eu
url=$1 list=$2
if [ ! -e /etc/puppetlabs/r10k/r10k.yaml ]; then
  mkdir -p /etc/puppetlabs/r10k
  cat >/etc/puppetlabs/r10k/r10k.yaml <<CONF
cachedir: /var/cache/r10k
git: { provider: shellgit }
sources: { main: { remote: '$url', basedir: /etc/puppet/code/environments } }
CONF
fi
r10k deploy environment main
deployed=/etc/puppet/code/environments/main/.r10k-deploy.json
. "$PEERS/puppet-apply.sh"
