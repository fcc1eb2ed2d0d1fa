/** Parses the paths of a service: its checkout and its mounts. */
import { posix } from "node:path";
import { type AbsPath, parseAbsPath, parseRepoPath, type RepoPath } from "../../../model/path.ts";
import { quote } from "../../errors/finding.ts";
import { accept, type Parsed, refuse } from "./parsed.ts";

/** A mount or a checkout at one of these would break the host. */
const systemDirectories: ReadonlySet<string> = new Set([
  ...["/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/root"],
  ...["/run", "/sbin", "/sys", "/tmp", "/usr", "/usr/bin", "/usr/lib", "/usr/lib64", "/usr/sbin", "/var"],
  ...["/etc/systemd", "/etc/systemd/system", "/usr/lib/systemd", "/run/systemd", "/var/lib", "/var/run"],
]);

/** The mount point of a link. */
export function parseLocal(text: string): Parsed<AbsPath> {
  const path = parseAbsPath(text);
  const example = 'such as "/etc/grafana"';
  if (path === null) return refuse(`${quote(text)} is relative; use an absolute path, ${example}`);
  if (isSystem(path))
    return refuse(`${quote(path)} belongs to the system; use a path of the service, ${example}`);
  return accept(path);
}

/** The directory for checkouts. */
export function parseMount(text: string): Parsed<AbsPath> {
  const path = parseAbsPath(text);
  if (path === null)
    return refuse(`${quote(text)} is relative; use an absolute path, such as "/srv/gitopper"`);
  return accept(path);
}

/** `<mount>/<service>`. */
export function parseCheckout(mount: AbsPath, service: string): Parsed<AbsPath> {
  const path = parseAbsPath(posix.join(mount, service));
  if (path === null || isSystem(path)) {
    const place = quote(posix.join(mount, service));
    return refuse(`the checkout would be ${place}, which belongs to the system; use a directory of its own`);
  }
  return accept(path);
}

/** A path inside the repository. */
export function parseLink(text: string): Parsed<RepoPath> {
  const path = parseRepoPath(text);
  if (path !== null) return accept(path);
  const fault = text.startsWith("/")
    ? "is absolute"
    : /(^|\/)\.git(\/|$)/i.test(posix.normalize(text))
      ? "is git's own"
      : "leaves the repository";
  const right = `use a path relative to the repository's root, such as "grafana/etc"`;
  return refuse(`${quote(text)} ${fault}; ${right}`);
}

function isSystem(path: AbsPath): boolean {
  return systemDirectories.has(path) || /^\/(dev|proc|sys)\//.test(path);
}

/** The parent directories of a path, the nearest first, without the root. */
export function parentsOf(path: AbsPath): readonly AbsPath[] {
  const parts = path.split("/").slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, parts.length - index).join("/")}` as AbsPath);
}
