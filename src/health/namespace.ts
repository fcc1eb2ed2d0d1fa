/** The private mount namespace in which a check sees a staged commit at its real paths. See unshare(1), setpriv(1). */
import type { Account } from "../model/account.ts";
import type { AbsPath } from "../model/path.ts";
import type { Argv } from "../model/service.ts";

/** A part of a staged commit, and where it is mounted. The paths contain no symlinks. */
export interface StagedBind {
  readonly source: AbsPath;
  readonly target: AbsPath;
  /** The location of the source as in mountinfo: its file system's `major:minor`, and its path there. */
  readonly place: { readonly device: string; readonly root: string };
}

/**
 * Mounts pairs of paths, and runs a command that sees them. After the mounts have succeeded, only the command's exit
 * status goes to stderr, so that nothing the command prints is taken for a failure of the mounts; its output is merged
 * into stdout, and the shell's own messages are dropped. Other users can change the directories on the way at any
 * moment, so the mount table is checked afterwards: a mount that went astray has other paths there. The shell stays as
 * the init of the PID namespace: when it ends, the kernel ends every process that the command left behind.
 */
const script = `set -eu
expected=$1 binds=$2
shift 2
left=$binds
while [ "$left" -gt 0 ]; do
  mount --no-canonicalize --options bind,ro,nosuid,nodev -- "$1" "$2"
  shift 2
  left=$((left - 1))
done
if [ "$(tail -n "$binds" /proc/self/mountinfo | cut -d ' ' -f 3-5)" != "$expected" ]; then
  echo "something on the way to them was swapped" >&2
  exit 1
fi
exec 3>&2 2>/dev/null
status=0
(exec "$@" 2>&1 3>&-) || status=$?
echo "$status" >&3`;

/** An empty network has no address, yet programs can listen on any, as daemons do to test their configs. */
const anyAddress = `for ip in ipv4 ipv6; do
  { echo 1 >"/proc/sys/net/$ip/ip_nonlocal_bind"; } 2>/dev/null || true
done
`;

/** The argv that runs a command as the account, with `binds` mounted read-only in this order. */
export function inNamespace(
  command: Argv,
  where: { readonly binds: readonly StagedBind[]; readonly account: Account; readonly network: boolean },
): string[] {
  const { binds, account, network } = where;
  const namespaces = ["--mount", "--pid", "--mount-proc", "--fork", "--kill-child"];
  return [
    ...["unshare", ...namespaces, ...(network ? [] : ["--net"]), "--"],
    ...["sh", "-c", network ? script : anyAddress + script, "check"],
    ...[binds.map(renderMountinfo).join("\n"), String(binds.length)],
    ...binds.flatMap(({ source, target }) => [source, target]),
    ...[...asUser(account), ...command],
  ];
}

/** The expected line of a bind in mountinfo: proc(5), fields 3 to 5. */
function renderMountinfo({ place, target }: StagedBind): string {
  return `${place.device} ${escapeOctal(place.root)} ${escapeOctal(target)}`;
}

function escapeOctal(path: string): string {
  return path.replace(/[ \t\n\\]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`);
}

/** The capabilities that root needs for files and for changing users, without those that could undo the mounts. */
const capabilitiesOfRoot = [
  ...["chown", "dac_override", "fowner", "fsetid", "kill", "net_bind_service"],
  ...["setgid", "setuid", "sys_chroot", "sys_resource"],
];

function asUser({ uid, gid }: Account): string[] {
  const kept = uid === 0 ? capabilitiesOfRoot.map((name) => `,+${name}`).join("") : "";
  return [
    ...["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--init-groups", "--no-new-privs"],
    ...["--inh-caps=-all", `--bounding-set=-all${kept}`, "--"],
  ];
}
