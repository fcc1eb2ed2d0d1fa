/** Distinguishes a program that the host could not run from one that found an error. */

/** Exit statuses of setpriv(1), shells and the dynamic linker when a program or library is missing or not executable. */
const notRun: readonly number[] = [126, 127];

/** The message of the dynamic linker; for a library of another version it exits with 1. */
const linkerWords = [
  "error while loading shared libraries: ",
  "symbol lookup error: ",
  " not found (required by ",
];

/** As while a package is being replaced. It says nothing about the checked files. */
export function wasNotRun(status: number, output: string): boolean {
  return status !== 0 && (notRun.includes(status) || linkerWords.some((words) => output.includes(words)));
}
