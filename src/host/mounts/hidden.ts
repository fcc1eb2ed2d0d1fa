/** Finds the files of the host that a mount will hide; they reappear when it is unmounted. */
import { readFileSync, type Stats, statSync } from "node:fs";
import { listDirectory } from "../../platform/files/list-directory.ts";
import { type Bind, type MountTable, observeBind } from "./mounts.ts";

const entriesMax = 1_000;
const named = 3;
const comparedMaxBytes = 1024 * 1024;

/** Such as `2 files that are there: a, b`; empty when nothing is hidden, or something is mounted already. */
export function hiddenBy(bind: Bind, table: MountTable): string {
  try {
    if (observeBind(bind, table) !== "absent") return "";
    const seen = statSync(bind.target, { throwIfNoEntry: false });
    if (seen?.isDirectory() && !bind.file) {
      const names = listDirectory(bind.target).map(({ entry }) => entry.name);
      return renderHidden([...names.take(entriesMax)]);
    }
    return seen?.isFile() && bind.file && seen.size > 0 ? renderHiddenFile(bind, seen) : "";
  } catch {
    // Mounting reports what is wrong there.
    return "";
  }
}

/** Pure. */
export function renderHidden(names: readonly string[]): string {
  if (names.length === 0) return "";
  const count = names.length >= entriesMax ? `${entriesMax} or more` : `${names.length}`;
  const shown = names.toSorted().slice(0, named).map(showName).join(", ");
  const more = names.length > named ? ", …" : "";
  return `${count} ${names.length === 1 ? "entry" : "entries"} of the host: ${shown}${more}`;
}

function showName(name: string): string {
  return /[^\x20-\x7e]/.test(name) ? JSON.stringify(Buffer.from(name, "latin1").toString("utf8")) : name;
}

/** Before the first checkout there is nothing to compare with. */
function renderHiddenFile({ source, target }: Bind, { size }: Stats): string {
  const ours = statSync(source, { throwIfNoEntry: false });
  if (ours === undefined) return "a file that is there";
  const isAlike =
    ours.size === size && size <= comparedMaxBytes && readFileSync(source).equals(readFileSync(target));
  return isAlike ? "" : "a file with other content that is there";
}
