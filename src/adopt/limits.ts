/** How much is taken from a host. */
import { Problem } from "../model/problem.ts";

export interface Limits {
  readonly files: number;
  readonly bytes: number;
  /** A larger file is left out. */
  readonly fileBytes: number;
}

const mebi = 1024 * 1024;

export const defaultLimits: Limits = { files: 5_000, bytes: 64 * mebi, fileBytes: 5 * mebi };

/** Also counts what is left out: reading must end. */
const entriesPerFile = 10;
export const depthMax = 64;

/** Counts what was read. */
export class Tally {
  readonly limits: Limits;
  #entries = 0;
  #bytes = 0;
  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** @throws Problem when it is too much */
  add(bytes: number, path: string): void {
    this.#entries++;
    this.#bytes += bytes;
    const { files, bytes: bytesMax } = this.limits;
    if (this.#entries > files * entriesPerFile)
      throw tooMuch(path, `more than ${files * entriesPerFile} entries`, "--max-files");
    if (this.#bytes > bytesMax) throw tooMuch(path, `more than ${renderBytes(bytesMax)}`, "--max-size");
  }
}

export function tooMuch(path: string, what: string, flag: string): Problem {
  return new Problem("host", `Cannot take all files: ${what}, at ${path}; name fewer paths or raise ${flag}`);
}

/** `512 bytes`, `12 KiB`, `5 MiB`. */
export function renderBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < mebi ? `${Math.ceil(bytes / 1024)} KiB` : `${Math.ceil(bytes / mebi)} MiB`;
}
