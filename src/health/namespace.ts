/** The private mount namespace in which a check sees a staged commit at the real paths. See unshare(1), setpriv(1). */
import type { Account } from "../model/account.ts";
import type { AbsPath } from "../model/path.ts";
import type { Argv } from "../model/service.ts";

/** A part of a staged commit, and where it is seen. No path has a symlink on its way. */
export interface StagedBind {
  readonly source: AbsPath;
  readonly target: AbsPath;
  /** Where the source lies, as mountinfo has it: its file system's `major:minor`, and its path there. */
  readonly place: { readonly device: string; readonly root: string };
}

/**
 * Mounts pairs of paths, and runs a command in sight of them. Its status is all that comes on stderr when that has
 * worked, so that nothing that it says or ends with can be taken for a failure of the mounts; what it says is merged
 * into stdout, and the shell's own words about it are nobody's. The paths lead through directories that others can change at any moment, so the kernel is asked
 * afterwards what was mounted where: a mount that went astray stands in its table with other paths. The shell stays
 * as the init of the PID namespace: when it ends, so does everything that the command left behind.
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

/** A network of its own has no address, and yet any may be listened at, as daemons do to test their configs. */
const anyAddress = `for ip in ipv4 ipv6; do
  { echo 1 >"/proc/sys/net/$ip/ip_nonlocal_bind"; } 2>/dev/null || true
done
`;

/** The argv that runs a command as the account where `binds`, in this order, are mounted read-only. */
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

/** What a bind's line in mountinfo has to say: proc(5), the fields 3 to 5. */
function renderMountinfo({ place, target }: StagedBind): string {
  return `${place.device} ${escapeOctal(place.root)} ${escapeOctal(target)}`;
}

function escapeOctal(path: string): string {
  return path.replace(/[ \t\n\\]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`);
}

/** What root needs to read and write files as root does, and to become others; not what would undo the mounts. */
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
