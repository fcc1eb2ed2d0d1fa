/** gitopperhdr: prints the header that tells people where to edit a managed file. */
import { exec } from "../platform/process/exec.ts";
import { parseCommandLine, type Wanted } from "./command-line.ts";
import { renderHeader } from "./header.ts";
import { findWholeCheckout, HeaderFailure, observeTrackedFile } from "./tracked-file.ts";
import { renderWebUrl } from "./web-url.ts";

/** Runs the command line, and returns the exit status. */
async function main(words: readonly string[]): Promise<number> {
  const parsed = parseCommandLine(words);
  if ("run" in parsed) return printHeaders(parsed.run);
  process[parsed.on].write(parsed.show);
  return parsed.status;
}

async function printHeaders({ files, prefix, language }: Wanted): Promise<number> {
  try {
    for (const file of files) process.stdout.write(renderHeader(prefix, language, await webUrlOf(file)));
    return 0;
  } catch (error) {
    if (!(error instanceof HeaderFailure)) throw error;
    process.stderr.write(`gitopperhdr: ${error.message}\n`);
    return 1;
  }
}

async function webUrlOf(file: string): Promise<string> {
  const place = findWholeCheckout(file);
  if (place !== null && !place.isOwn)
    throw new HeaderFailure(file, "its checkout belongs to another user; run gitopperhdr as that user");
  const found = await observeTrackedFile(exec, file, place);
  const url = renderWebUrl(found);
  if (url === null) throw new HeaderFailure(file, "its origin is not a host with web pages");
  return url;
}

main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
