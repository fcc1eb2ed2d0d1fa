/** One line on stderr that is written over and over while something is waited for. */
import type { Terminal } from "./terminal.ts";
import { cut, visible } from "./visible.ts";

export interface Progress {
  /** Says what is waited for on one of the hosts. */
  readonly tell: (host: string, text: string) => void;
  /** That one is no longer waited for. */
  readonly done: (host: string) => void;
}

/** Without a terminal on stderr nothing is written. */
export function showProgress({ progressWidth: width, writeError }: Terminal): Progress {
  const waiting = new Map<string, string>();
  const draw = () => {
    if (width === null) return;
    writeError(`\r\x1b[K${cut(visible(describe(waiting)), width - 1)}`);
  };
  return {
    tell: (host, text) => {
      waiting.set(host, text);
      draw();
    },
    done: (host) => {
      if (waiting.delete(host)) draw();
    },
  };
}

function describe(waiting: ReadonlyMap<string, string>): string {
  const [first] = waiting;
  if (first === undefined) return "";
  if (waiting.size === 1) return `${first[0]}: ${first[1]}`;
  return `waits for ${waiting.size} hosts: ${[...waiting.keys()].join(", ")}`;
}
