/** An OpenSSH server on a host, which lets one of its users in as `git`. */
import type { TestHost } from "./host.ts";
import { freePort } from "./port.ts";

/** Starts it on a free port; `user`, which has a home, gets a key for it and knows the server's. Returns the port. */
export async function startSshd(host: TestHost, user: string): Promise<number> {
  const port = await startClosedSshd(host);
  await host.run(["/bin/sh", "-euc", letIn, "let-in", user, String(port)]);
  return port;
}

/** The same, but no user has a key for it, or knows its host key. */
export async function startClosedSshd(host: TestHost): Promise<number> {
  const port = await freePort();
  await host.run(["/bin/sh", "-euc", setup, "setup", String(port)]);
  return port;
}

/** sshd(8) refuses accounts with a locked password, and git(1) repositories of another owner. */
const setup = `
port=$1
useradd --create-home --password '*' git
mkdir -p -m 700 /home/git/.ssh
printf '[safe]\\n\\tdirectory = *\\n' >/home/git/.gitconfig
ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/test_key
chown -R git: /home/git
mkdir -p /run/sshd
cat >/etc/ssh/test_config <<END
ListenAddress 127.0.0.1:$port
HostKey /etc/ssh/test_key
PidFile none
UsePAM no
END
systemd-run --quiet --unit=test-sshd --service-type=notify /usr/sbin/sshd -D -f /etc/ssh/test_config
`;

const letIn = `
user=$1 port=$2 home=$(getent passwd $1 | cut -d: -f6)
mkdir -p -m 700 $home/.ssh
ssh-keygen -q -t ed25519 -N '' -f $home/.ssh/id_ed25519
cp $home/.ssh/id_ed25519.pub /home/git/.ssh/authorized_keys
chown git: /home/git/.ssh/authorized_keys
echo "[127.0.0.1]:$port $(cat /etc/ssh/test_key.pub)" >$home/.ssh/known_hosts
chown -R $user: $home/.ssh
`;
