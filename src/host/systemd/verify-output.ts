/** Parses the output of `systemd-analyze verify`. */

const missing = /^\S+: Command (\S+) is not executable: No such file or directory$/;
/** Only says that an earlier line was an error. */
const summary = /^Unit \S+ has a bad unit file setting\.$/;

/** The missing programs, if nothing else is wrong; null: something else is wrong. */
export function missingPrograms(output: string): readonly string[] | null {
  const lines = output.split("\n").filter((line) => line !== "" && !summary.test(line));
  const programs = lines.map((line) => missing.exec(line)?.[1]);
  return programs.every((program) => program !== undefined) ? programs : null;
}
