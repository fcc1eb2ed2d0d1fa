/** Finds the directory where most of many files are. Pure. */

/** The deepest directory that has more than half of the paths; `.` for the top. */
export function mostlyBelow(paths: readonly string[]): string {
  let here = "";
  for (;;) {
    const next = largestIn(here, paths);
    if (next === null || next.count * 2 <= paths.length) return here === "" ? "." : here.slice(0, -1);
    here = `${next.name}/`;
  }
}

function largestIn(
  here: string,
  paths: readonly string[],
): { readonly name: string; readonly count: number } | null {
  const counts = new Map<string, number>();
  for (const path of paths) {
    const end = path.startsWith(here) ? path.indexOf("/", here.length) : -1;
    if (end === -1) continue;
    const name = path.slice(0, end);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  let largest: { name: string; count: number } | null = null;
  for (const [name, count] of counts) if (count > (largest?.count ?? 0)) largest = { name, count };
  return largest;
}
