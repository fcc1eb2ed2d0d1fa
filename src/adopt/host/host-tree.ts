/** Files of the host, as they were read: trees of entries with their contents. */

interface Attributes {
  /** With the bits for set-user-ID and the like; without the type. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export type HostEntry = Attributes & {
  /** Absolute, as `decodePath` returns it. */
  readonly path: string;
} & (
    | { readonly kind: "file"; readonly content: Buffer; readonly isHardLink: boolean }
    /** `target` is as `decodePath` returns it. */
    | { readonly kind: "symlink"; readonly target: string }
    | { readonly kind: "directory"; readonly children: readonly HostEntry[] }
    /** It was not read, and cannot be taken. */
    | { readonly kind: "unread"; readonly why: string }
  );

export type HostFile = Extract<HostEntry, { readonly kind: "file" }>;
export type HostDirectory = Extract<HostEntry, { readonly kind: "directory" }>;
export type HostSymlink = Extract<HostEntry, { readonly kind: "symlink" }>;

/** The entry and everything below it, outer ones first. */
export function* entriesOf(entry: HostEntry): Generator<HostEntry> {
  yield entry;
  if (entry.kind === "directory") for (const child of entry.children) yield* entriesOf(child);
}

/** `0640`. */
export function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}
