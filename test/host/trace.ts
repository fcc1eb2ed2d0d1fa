/** Traces a process and its children with strace(1): started programs, syncs to disk, and reads of the mount table. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestHost } from "./host.ts";
import { poll } from "./poll.ts";
import { startInHost } from "./process.ts";

export interface Traced {
  /** The argv of every started program, unordered; without systemd's watchdog. */
  readonly programs: readonly (readonly string[])[];
  /** fsync(2), fdatasync(2) and syncfs(2) of all of them. */
  readonly syncs: number;
  /** How often one of them opened `/proc/self/mountinfo`. */
  readonly mountTables: number;
}

export interface Trace extends AsyncDisposable {
  /** All so far. */
  readonly seen: () => Traced;
}

const directory = "/run/trace";

/** Traces a process by its pid in the host, with the children that it starts from now on; disposing detaches. */
export async function traceProcess(host: TestHost, pid: number): Promise<Trace> {
  await host.sh(`rm -rf ${directory}; mkdir ${directory}`);
  const calls = "trace=execve,openat,fsync,fdatasync,syncfs";
  // A file for each process, so that no call is cut in two by another's; and argvs are not cut short.
  const how = ["-ff", "-s", "4096", "-e", calls, "-e", "signal=none", "-o", `${directory}/of`];
  const strace = await startInHost(host, ["strace", ...how, "-p", String(pid)]);
  await poll(strace.output, (text) => text.includes("attached"), {
    everyMs: 20,
    timeoutMs: 10_000,
    failure: (text) => `Cannot trace ${pid}: ${text}`,
  });
  return {
    seen: () => {
      const there = join(host.root, directory);
      return parseTrace(
        readdirSync(there)
          .map((name) => readFileSync(join(there, name), "utf8"))
          .join(""),
      );
    },
    async [Symbol.asyncDispose]() {
      strace.signal("SIGTERM");
      await strace.ended;
    },
  };
}

/** Parses lines such as `execve("/usr/bin/git", ["git", "fetch"], 0x… …) = 0`. */
function parseTrace(text: string): Traced {
  const lines = text.split("\n");
  const programs = lines.flatMap((line) => {
    const [, argv] = /^execve\("[^"]*", (\[.*\]), 0x[0-9a-f]+ .*\) = 0$/.exec(line) ?? [];
    return argv === undefined ? [] : [wordsOf(argv)];
  });
  return {
    programs: programs.filter(([program]) => program !== "systemd-notify"),
    syncs: lines.filter((line) => /^(?:fsync|fdatasync|syncfs)\(/.test(line)).length,
    mountTables: lines.filter((line) => /^openat\(\w+, "\/proc\/self\/mountinfo"/.test(line)).length,
  };
}

function wordsOf(argv: string): string[] {
  return [...argv.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word = ""]) => word);
}
