/** What mounts and unmounts, whichever way it does so. */
import type { OpenedPath } from "../../platform/files/trust.ts";

export interface Mounter {
  /** Shows what is opened as `from` at the target; it is then no peer of its source's mount, but units that run see it. */
  readonly mount: (from: number, target: OpenTarget, how: MountHow) => Promise<void>;
  /** Detaches what is on top at the target, though a reader may have a file of it open; false: nothing is mounted there. */
  readonly unmount: (target: OpenTarget) => Promise<boolean>;
}

/** Opens the target as it is now: after each change something else is on top there. @throws Problem */
export type OpenTarget = () => OpenedPath;

export interface MountHow {
  readonly readOnly: boolean;
  /** What is mounted on top there goes in the same moment. */
  readonly replaces: boolean;
}
