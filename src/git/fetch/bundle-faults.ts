/** Says why a bundle cannot be used, from what git(1) says when it fetches from it. Pure; messages of git 2.36 to 2.47. */

export type BundleFault =
  /** No bundle: empty, another kind of file, or damaged at its beginning; git says the same of one that it cannot read. */
  | { readonly is: "foreign" }
  | { readonly is: "unreadable" }
  | { readonly is: "damaged" }
  /** `commit`: the first one that the store lacks; empty: git does not name it. */
  | { readonly is: "continues"; readonly commit: string }
  | { readonly is: "partial" };

const table: readonly (readonly [RegExp, BundleFault["is"]])[] = [
  [/^error: Repository lacks these prerequisite commits/m, "continues"],
  [/^error: some prerequisite commits exist in the object store/m, "continues"],
  [/did not send all necessary objects$/m, "partial"],
  [/^fatal: (?:early EOF|pack is corrupted|pack has bad object|pack signature mismatch)/m, "damaged"],
  [/^error: index-pack died$/m, "damaged"],
  [
    /^fatal: invalid gitfile format|does not appear to be a git repository$|^fatal: not a git repo/m,
    "foreign",
  ],
  [/^fatal: error opening '|unrecognized header|unknown hash algorithm|unknown capability/m, "foreign"],
];

/** Null: the failure is of another kind, such as a full disk. */
export function faultIn(stderr: string): BundleFault | null {
  if (/No space left on device|Disk quota exceeded/.test(stderr)) return null;
  const is = table.find(([words]) => words.test(stderr))?.[1];
  if (is === undefined) return null;
  if (is !== "continues") return { is };
  return { is, commit: /^error: ([0-9a-f]{40,64}) ?$/m.exec(stderr)?.[1] ?? "" };
}

/** What is wrong, and what would be right. */
export function faultText(fault: BundleFault, user: string): string {
  switch (fault.is) {
    case "foreign":
      return "it is not a git bundle, or its beginning is damaged; make it with git bundle create, and copy it again";
    case "unreadable":
      return `user "${user}" may not read it; let that user read the file, and pass through the directories above it`;
    case "damaged":
      return "it is damaged, or was not copied whole; copy it again";
    case "continues": {
      const from = fault.commit === "" ? "a commit" : `commit ${fault.commit.slice(0, 12)}`;
      return `it continues from ${from}, which this host does not have; make it from an older commit, or of the whole branch`;
    }
    case "partial":
      return "it lacks objects, because it was made in a shallow or partial clone; make it in a full clone";
  }
}
