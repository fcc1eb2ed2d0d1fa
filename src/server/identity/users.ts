/** Names of this host's local users, for the audit trail. */
import { readFileSync, statSync } from "node:fs";

const passwdMaxBytes = 1024 * 1024;

/** The user's name in passwd(5); `uid 1000` when the file does not list it, as with a directory service. */
export function userName(uid: number, passwd = "/etc/passwd"): string {
  if (uid === 0) return "root";
  try {
    if (statSync(passwd).size > passwdMaxBytes) return `uid ${uid}`;
    return findName(readFileSync(passwd, "utf8"), uid) ?? `uid ${uid}`;
  } catch {
    // A missing file means no names.
    return `uid ${uid}`;
  }
}

export function findName(passwd: string, uid: number): string | null {
  for (const line of passwd.split("\n")) {
    const [name, , id] = line.split(":");
    if (name && id === String(uid)) return name;
  }
  return null;
}
