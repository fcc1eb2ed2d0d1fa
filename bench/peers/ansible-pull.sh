# usage: ansible-pull.sh URL LIST
# A shallow clone (the default), and the playbook only if there is a new commit; no facts, one connection for a task.
set -eu
url=$1 list=$2
export ANSIBLE_GATHERING=explicit ANSIBLE_PIPELINING=True ANSIBLE_INTERPRETER_PYTHON=/usr/bin/python3
export ANSIBLE_PYTHON_INTERPRETER=/usr/bin/python3 ANSIBLE_LOCALHOST_WARNING=False ANSIBLE_HOME=/var/lib/ansible
export PEER_SERVICES=$list LC_ALL=C.UTF-8
ansible-pull --only-if-changed --url "$url" --checkout main --directory /var/lib/ansible/repository \
  --inventory localhost, --connection local local.yml
