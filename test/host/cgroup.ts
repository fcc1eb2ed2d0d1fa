/** A control group for each host, under the one that this process is in. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { ownerless } from "./temp-dir.ts";

/** Makes the group in every hierarchy that systemd uses, and returns their directories. */
export function makeCgroups(name: string): string[] {
  const groups = ownCgroups().map((dir) => join(dir, name));
  for (const dir of groups) mkdirSync(dir, { recursive: true });
  return groups;
}

/** Removes a group and those below it, which must hold no process any more. */
export function removeCgroup(dir: string): void {
  if (!existsSync(dir)) return;
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (entry.isDirectory()) removeCgroup(join(dir, entry.name));
  }
  rmdirSync(dir);
}

/** Removes the groups of dead owners. */
export function removeLeftoverCgroups(): void {
  for (const dir of ownCgroups()) {
    for (const name of ownerless(dir)) removeCgroup(join(dir, name));
  }
}

/** Where this process is in the unified and in systemd's own hierarchy (cgroups(7), `/proc/[pid]/cgroup`). */
function ownCgroups(): string[] {
  return readFileSync("/proc/self/cgroup", "utf8")
    .split("\n")
    .flatMap((line) => {
      const [, controllers, path = "/"] = line.split(":");
      if (controllers === "name=systemd") return [join("/sys/fs/cgroup/systemd", path)];
      if (controllers !== "") return [];
      const hybrid = existsSync("/sys/fs/cgroup/unified/cgroup.procs");
      return [join(hybrid ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup", path)];
    })
    .filter((dir) => existsSync(join(dir, "cgroup.procs")));
}
