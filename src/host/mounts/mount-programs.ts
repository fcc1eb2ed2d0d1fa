/** Mounts with mount(8) and umount(8), for kernels before 5.12 and node before 26; between two calls nothing is mounted. */
import { type OpenedPath, pathOf } from "../../platform/files/trust.ts";
import { type Exec, ExecFailure } from "../../platform/process/exec.ts";
import { readMountTable } from "./mounts.ts";

/** By system calls or programs. */
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

const timeoutMs = 30_000;

/** Opened files are descriptors 3 and 4 of the program; not canonicalized, so that the kernel resolves them. */
export function createProgramMounter(exec: Exec): Mounter {
  const unmount = async (target: OpenTarget): Promise<boolean> => {
    using top = target();
    const argv = ["umount", "--no-canonicalize", "--lazy", "--", "/proc/self/fd/3"];
    try {
      await exec(argv, { timeoutMs, fds: [top.fd] });
      return true;
    } catch (error) {
      if (error instanceof ExecFailure && /not mounted|Invalid argument/i.test(error.keyLine)) return false;
      throw error;
    }
  };
  return {
    unmount,
    mount: async (from, target, { readOnly, replaces }) => {
      if (replaces) await unmount(target);
      using bare = target();
      const mount = (args: readonly string[], ...fds: readonly number[]) =>
        exec(["mount", "--no-canonicalize", ...args], { timeoutMs, fds });
      await mount(["--bind", "--", "/proc/self/fd/3", "/proc/self/fd/4"], from, bare.fd);
      using top = target();
      const options = ["remount", "bind", readOnly ? "ro" : "rw", ...restrictionsOf(top.fd)].join();
      await mount(["--options", options, "--", "none", "/proc/self/fd/3"], top.fd);
      await mount(["--make-slave", "--make-shared", "--", "/proc/self/fd/3"], top.fd);
    },
  };
}

/** The flags that a remount has to repeat; otherwise the mount would allow more than its source. */
function restrictionsOf(fd: number): string[] {
  const options = readMountTable().get(pathOf(fd))?.at(-1)?.options ?? [];
  return options.filter((option) => ["nosuid", "nodev", "noexec"].includes(option));
}
