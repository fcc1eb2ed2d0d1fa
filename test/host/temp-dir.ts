/** Temporary directories that carry their owner's identity in their name, so that a later run can clean them. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const prefix = "gitopper-test-";
const overlayMagic = 0x794c7630;

/** A name that no other process has: `gitopper-test-<pid>-<when that process started>-`. */
export const ownedPrefix = `${prefix}${process.pid}-${startOf(process.pid)}-`;

/** Makes a directory that `removeLeftovers` knows how to judge; it may hold the upper layer of an overlay. */
export function makeTempDir(kind: string): string {
  return mkdtempSync(join(placeForOverlays(), `${ownedPrefix}${kind}-`));
}

/** Removes the entries of dead owners from everywhere that `makeTempDir` may have put them. */
export function removeLeftovers(): void {
  for (const place of places()) {
    for (const name of ownerless(place)) rmSync(join(place, name), { recursive: true, force: true });
  }
}

/** The names in a directory that were made by a process that is no more. */
export function ownerless(dir: string): string[] {
  return readdirSync(dir).filter((name) => {
    const [, pid, start] = /^gitopper-test-(\d+)-(\d+)-/.exec(name) ?? [];
    return pid !== undefined && startOf(Number(pid)) !== start;
  });
}

/** An overlay cannot be the upper layer of another one (kernel: Documentation/filesystems/overlayfs.rst). */
function placeForOverlays(): string {
  const place = places().find((path) => statfsSync(path).type !== overlayMagic);
  if (place === undefined) {
    throw new Error(`Cannot keep a host's files in ${places().join(" or ")}: all are overlays; set TMPDIR`);
  }
  return place;
}

function places(): readonly string[] {
  return [tmpdir(), "/dev/shm"].filter((dir) => existsSync(dir));
}

/** When a process started, in clock ticks since boot (proc(5), field 22 of stat); empty: there is none. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
