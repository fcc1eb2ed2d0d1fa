/** The interface of what mounts and unmounts, by system calls or programs. */
import type { OpenedPath } from "../../platform/files/trust.ts";

export interface Mounter {
  /** Bind-mounts `from` at the target, private to its source's mount, but visible to running units. */
  readonly mount: (from: number, target: OpenTarget, how: MountHow) => Promise<void>;
  /** Detaches the topmost mount at the target, even with open files; false: nothing is mounted there. */
  readonly unmount: (target: OpenTarget) => Promise<boolean>;
}

/** Opens the target as it is now; after each change another mount is on top. @throws Problem */
export type OpenTarget = () => OpenedPath;

export interface MountHow {
  readonly readOnly: boolean;
  /** The topmost mount there is removed at the same moment. */
  readonly replaces: boolean;
}
