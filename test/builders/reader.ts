/** A program that reads the same files again and again, and judges what it finds. */

/** The content of a file in a generation: one that is cut off, or a mix of two, is detected. */
export function textOf(generation: number): string {
  const line = `generation ${generation}\n`;
  return line.repeat(40);
}

/** What the reader prints when it gets a SIGTERM. */
export interface Readings {
  readonly reads: number;
  readonly generations: number;
  readonly bad: number;
  readonly firstBad: string | null;
}

/** For `node --eval`: reads the files whose names are in the arguments, as `textOf` makes them. */
export const readerScript = `
const { readFileSync } = require("node:fs");
const seen = new Set();
let reads = 0, bad = 0, firstBad = null;
const readAll = () => {
  for (const path of process.argv.slice(1)) {
    reads += 1;
    let text = "";
    try { text = readFileSync(path, "utf8"); } catch (error) { text = error.message; }
    const line = text.slice(0, text.indexOf("\\n") + 1);
    if (/^generation \\d+\\n$/.test(line) && text === line.repeat(40)) seen.add(line);
    else { bad += 1; firstBad ??= path + ": " + JSON.stringify(text.slice(0, 100)); }
  }
  setTimeout(readAll, 2);
};
process.on("SIGTERM", () => {
  console.log(JSON.stringify({ reads, generations: seen.size, bad, firstBad }));
  process.exit(0);
});
readAll();
console.log("reads");
`;
