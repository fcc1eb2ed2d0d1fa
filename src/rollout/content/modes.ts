/** What a commit may have at a service's links, by its mode. Pure. */

/** Those for groups are how git wrote plain files in its first years; it takes them for the others. */
const modesFine: readonly string[] = ["100644", "100755", "100664", "100775", "120000", "040000"];

/** Why an entry of a tree is refused for its mode, of six digits; null: it is fine. */
export function modeFault(path: string, mode: string): string | null {
  if (modesFine.includes(mode)) return null;
  const what = mode === "160000" ? "is a submodule" : `has the mode ${mode}`;
  return `${JSON.stringify(path)} ${what}; commit plain files, directories and symlinks alone`;
}
