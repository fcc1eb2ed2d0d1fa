/** Programs that copy, compare and remove trees; they get opened directories, and die with the daemon. */
import { type Exec, type ExecOptions, isOverflow } from "../../platform/process/exec.ts";

/** For many files on a slow disk. */
const timeoutMs = 60 * 60_000;

const [first, second] = ["/proc/self/fd/3", "/proc/self/fd/4"];

export interface From {
  readonly fd: number;
  readonly file: boolean;
}

export interface To {
  readonly fd: number;
  /** Below the directory `fd`. */
  readonly path: string;
}

/** What release does with trees. All methods reject with an ExecFailure. */
export type Trees = ReturnType<typeof createTrees>;

export function createTrees(exec: Exec) {
  const run = (argv: readonly string[], fds: readonly number[], more: Partial<ExecOptions> = {}) =>
    exec(argv, { timeoutMs, tied: true, fds, ...more });
  /** Null: it is too long to be compared. */
  const listing = async (fd: number): Promise<string | null> => {
    try {
      return (await run(listingArgv, [fd])).stdout.split("\0").sort().join("\0");
    } catch (error) {
      if (isOverflow(error)) return null;
      throw error;
    }
  };
  return {
    /** Bytes, modes, owners, times, links and extended attributes; over what is there. */
    copy: async (from: From, to: To): Promise<void> => {
      const source = from.file ? first : `${first}/.`;
      await run(["cp", "--archive", "-H", "-T", "--", source, `${second}/${to.path}`], [from.fd, to.fd]);
    },
    /** Removes a directory's or file's content and itself. */
    remove: async ({ fd, path }: To): Promise<void> => {
      await run(["find", `${first}/${path}`, "-delete"], [fd]);
    },
    /** Owner, mode and extended attributes of one directory for another. */
    copyAttributes: async (from: number, to: number): Promise<void> => {
      await run(["cp", "--archive", "-H", "-T", "--", `${first}/.`, `${second}/.`], [from, to]);
    },
    /** To the nanosecond, which node cannot. */
    copyTimes: async (from: number, to: number): Promise<void> => {
      await run(["touch", "--no-create", `--reference=${first}`, "--", second], [from, to]);
    },
    /** Same names, contents, modes and owners. */
    areAlike: async (one: From, other: From): Promise<boolean> => {
      const diff = ["diff", "--recursive", "--brief", "--no-dereference", "--"];
      const fds = [one.fd, other.fd];
      if (one.file)
        return (await run(["cmp", "--silent", "--", first, second], fds, { okStatus: [0, 1] })).status === 0;
      const [a, b] = [await listing(one.fd), await listing(other.fd)];
      if (a === null || a !== b) return false;
      const ends = { okStatus: [0, 1, 2], enough: () => true };
      const { status, stdout } = await run([...diff, `${first}/`, `${second}/`], fds, ends);
      return status === 0 && stdout === "";
    },
    /** In bytes, on the disk. */
    size: async (fd: number): Promise<number> => {
      const { stdout } = await run(["du", "--summarize", "--block-size=1", "-D", "--", first], [fd]);
      return Number.parseInt(stdout, 10);
    },
    sync: async (fd: number): Promise<void> => {
      await run(["sync", "--file-system", first], [fd]);
    },
  };
}

/** Size and target mean something for files and symlinks only. */
const listingArgv = [
  ...["find", `${first}/`, "-mindepth", "1", "(", "-type", "d", "-printf", "%P d %m %U %G\\0", ")"],
  ...["-o", "-printf", "%P %y %m %U %G %s %l\\0"],
];
