/** One line on stderr that is written over and over while something is waited for. */
import type { Terminal } from "./terminal.ts";
import { cutStart, visible } from "./visible.ts";

export interface Progress {
  /** Says what is waited for on one of the hosts. */
  readonly tell: (host: string, text: string) => void;
  /** That one is no longer waited for. */
  readonly done: (host: string) => void;
  /** A line of its own, where nothing can be written over. */
  readonly step: (host: string, text: string) => void;
  /** Writes something else, which takes the place of the line; the line comes again below it. */
  readonly around: (write: () => void) => void;
}

/** Without a terminal on stderr steps alone are written. The end of a long line counts more than its beginning. */
export function showProgress({ progressWidth: width, writeError }: Terminal, hosts: number): Progress {
  const waiting = new Map<string, string>();
  const draw = () => {
    if (width === null) return;
    writeError(`\r\x1b[K${cutStart(visible(describe(waiting, hosts)), width - 1)}`);
  };
  return {
    tell: (host, text) => {
      waiting.set(host, text);
      draw();
    },
    done: (host) => {
      if (waiting.delete(host)) draw();
    },
    around: (write) => {
      if (width !== null && waiting.size > 0) writeError("\r\x1b[K");
      write();
      if (waiting.size > 0) draw();
    },
    step: (host, text) => {
      if (width !== null) return;
      writeError(`gitopperctl: ${visible(hosts === 1 ? text : `${host}: ${text}`)}\n`);
    },
  };
}

function describe(waiting: ReadonlyMap<string, string>, hosts: number): string {
  const [first] = waiting;
  if (first === undefined) return "";
  if (hosts === 1) return first[1];
  if (waiting.size === 1) return `${first[0]}: ${first[1]}`;
  return `waits for ${waiting.size} hosts: ${[...waiting.keys()].join(", ")}`;
}
