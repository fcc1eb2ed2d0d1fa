/** Tells a program that this host could not run from one that found something wrong. */

/** What setpriv(1), shells and the dynamic linker end with when a program or a library is not there, or cannot be run. */
const notRun: readonly number[] = [126, 127];

/** What the dynamic linker says; for a library of another version it ends with status 1. */
const linkerWords = [
  "error while loading shared libraries: ",
  "symbol lookup error: ",
  " not found (required by ",
];

/** As while a package is replaced. It says nothing about what the program was to look at. */
export function wasNotRun(status: number, output: string): boolean {
  return status !== 0 && (notRun.includes(status) || linkerWords.some((words) => output.includes(words)));
}
