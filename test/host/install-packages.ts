/** Debian packages that a test host has besides those of this machine: they are installed above its root. */
import { join } from "node:path";
import { proxies } from "./bare-root.ts";
import { run } from "./run.ts";

/** Into the overlay below `dir`, in mounts that end with this; starts none of their services. Needs the mirrors. */
export async function installPackages(dir: string, packages: readonly string[]): Promise<void> {
  const argv = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "/bin/sh", "-euc", install];
  const env = { ...proxies(), DEBIAN_FRONTEND: "noninteractive" };
  await run([...argv, join(dir, "root"), dir, ...packages], { timeoutMs: 180_000, env });
}

/** With a /run of its own, no script of a package finds the systemd of this machine. */
const install = `
dir=$1; shift
mount -t overlay overlay -o "lowerdir=/,upperdir=$dir/upper,workdir=$dir/work" "$0"
mount -t proc proc "$0/proc"
mount --rbind /dev "$0/dev"
mount -t tmpfs tmpfs "$0/run"
resolver=$(readlink -f /etc/resolv.conf)
mkdir -p "$0$(dirname "$resolver")"
[ -e "$0$resolver" ] || cp "$resolver" "$0$resolver"
policy=$0/usr/sbin/policy-rc.d
printf '#!/bin/sh\\nexit 101\\n' >"$policy"
chmod 755 "$policy"
rm -f "$0/var/lib/man-db/auto-update"
get() { chroot "$0" apt-get -q --yes --no-install-recommends -o Dpkg::Options::=--force-unsafe-io "$@"; }
get install "$@" || { get update && get install "$@"; }
get clean
rm "$policy"
`;
