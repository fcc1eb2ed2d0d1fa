/** Prints as JSON what the kernel reports of each change of the mounts: right after it, and once more. */
import { execFileSync } from "node:child_process";
import { openMountFile } from "../../src/host/mounts/mount-watch.ts";

type ChangeSeen = readonly [boolean, boolean];

const [dir = ""] = process.argv.slice(2);
const file = openMountFile();

function toldOf(...[program, ...args]: readonly [string, ...string[]]): ChangeSeen {
  execFileSync(program, args);
  return [file.hasChanged(), file.hasChanged()];
}

const told: Record<string, ChangeSeen> = {
  nothing: toldOf("true"),
  mount: toldOf("mount", "--bind", dir, dir),
  remount: toldOf("mount", "-o", "remount,bind,ro", dir),
  unmount: toldOf("umount", dir),
};
console.log(JSON.stringify(told));
