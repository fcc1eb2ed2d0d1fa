# usage: webhook.sh PORT SECRET URL LIST
# Has webhook(1) run git.sh for every signed push, and brings the services up with the same script.
set -eu
port=$1 secret=$2 url=$3 list=$4
cat >/etc/webhook.conf <<CONF
[{
  "id": "deploy",
  "execute-command": "/bin/sh",
  "pass-environment-to-command": [{ "source": "string", "envname": "PEERS", "name": "$PEERS" }],
  "pass-arguments-to-command": [
    { "source": "string", "name": "$PEERS/git.sh" },
    { "source": "string", "name": "$url" },
    { "source": "string", "name": "$list" }
  ],
  "trigger-rule": { "match": {
    "type": "payload-hmac-sha256", "secret": "$secret",
    "parameter": { "source": "header", "name": "X-Hub-Signature-256" }
  } }
}]
CONF
mkdir -p /etc/systemd/system/webhook.service.d
cat >/etc/systemd/system/webhook.service.d/port.conf <<CONF
[Service]
ExecStart=
ExecStart=/usr/bin/webhook -nopanic -hooks /etc/webhook.conf -ip 127.0.0.1 -port $port
CONF
systemctl daemon-reload
systemctl start webhook
