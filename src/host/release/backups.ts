/** Keeps what a mount has hidden, and what is not what takes its place: in a directory of root's that nothing scans. */
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { AbsPath } from "../../model/path.ts";
import { HeldDirectory } from "../../platform/files/held-directory.ts";
import type { From, Trees } from "./programs.ts";
import { assertRoom } from "./room.ts";

const backupsDir = "/var/backups/gitopper" as AbsPath;

export interface Backups {
  /** Durable when it resolves to the backup's path. @throws Problem when there is no room */
  readonly save: (hidden: From, target: AbsPath) => Promise<string>;
}

/** Of one service at one time. */
export function createBackups(
  { service, now, root = backupsDir }: { service: string; now: Date; root?: AbsPath },
  trees: Pick<Trees, "copy" | "size" | "sync">,
): Backups {
  const time = now.toISOString().replaceAll(/[-:.]/g, "");
  return {
    save: async (hidden, target) => {
      const path = join(root, service, time, target);
      mkdirSync(dirname(root), { recursive: true });
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      using place = HeldDirectory.find(dirname(path));
      if (place === null) throw new Error(`No directory: ${dirname(path)}`);
      assertRoom(place.path, await trees.size(hidden.fd), target);
      await trees.copy(hidden, { fd: place.fd, path: path.slice(dirname(path).length + 1) });
      await trees.sync(place.fd);
      return path;
    },
  };
}
