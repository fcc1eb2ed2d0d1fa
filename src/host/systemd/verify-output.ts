/** What systemd-analyze(1) says when it verifies units. */

const missing = /^\S+: Command (\S+) is not executable: No such file or directory$/;
/** Says only that something before it was bad. */
const summary = /^Unit \S+ has a bad unit file setting\.$/;

/** The programs that are not there, where that is all that is wrong; null: something else is. */
export function missingPrograms(output: string): readonly string[] | null {
  const lines = output.split("\n").filter((line) => line !== "" && !summary.test(line));
  const programs = lines.map((line) => missing.exec(line)?.[1]);
  return programs.every((program) => program !== undefined) ? programs : null;
}
