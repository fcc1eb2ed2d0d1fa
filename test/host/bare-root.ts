/** The root of a Debian 12 with the least that boots, made by mmdebstrap(1) from the mirrors of this machine. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.ts";
import { makeTempDir } from "./temp-dir.ts";

/** A root for `bootHost`; several hosts may share it, as each writes to its own disk. */
export interface BareRoot extends Disposable {
  readonly path: string;
}

const boots = ["systemd-sysv", "dbus"];

/** `packages` are in it besides those that boot it, with what they depend on and nothing that they recommend. */
export async function makeBareRoot(packages: readonly string[]): Promise<BareRoot> {
  const dir = makeTempDir("bare");
  const remove = () => rmSync(dir, { recursive: true, force: true });
  try {
    const path = join(dir, "root");
    const include = [...boots, ...packages].join(",");
    const argv = ["/bin/sh", "-euc", make, "make", path, include];
    await run(argv, { timeoutMs: 230_000, env: proxies() });
    return { path, [Symbol.dispose]: remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Names, mirrors, proxies and certificates are those of this machine's apt. */
const make = `
sources=$(apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' | grep ' bookworm' || true)
[ -n "$sources" ] || { echo "apt of this machine knows no Debian 12; run apt-get update" >&2; exit 1; }
apt-config dump Acquire | grep -v IndexTargets >"$1.apt"
echo "$sources" | mmdebstrap --quiet --mode=root --variant=minbase --aptopt="$1.apt" --dpkgopt=force-unsafe-io \
  --include="$2" bookworm "$1" -
: >"$1/etc/apt/sources.list"
`;

/** What tells programs how to get out of this machine. */
export function proxies(): Record<string, string> {
  const names = Object.keys(process.env).filter((name) => /^(?:https?|no)_proxy$/i.test(name));
  return Object.fromEntries(names.map((name) => [name, process.env[name] ?? ""]));
}
