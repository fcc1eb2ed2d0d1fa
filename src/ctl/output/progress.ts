/** One line on stderr that is written over and over while something is waited for. */
import { remark } from "./present.ts";
import type { Terminal } from "./terminal.ts";
import { cutStart, visible, widthOf } from "./visible.ts";

export interface Progress {
  /** Says what is waited for on one of the hosts. */
  readonly tell: (host: string, text: string) => void;
  /** That one is no longer waited for. */
  readonly done: (host: string) => void;
  /** A line of its own, where nothing can be written over; or everywhere. */
  readonly step: (host: string, text: string, where?: { readonly everywhere: boolean }) => void;
  /** Writes something else, which takes the place of the line; the line comes again below it. */
  readonly around: (write: () => void) => void;
}

/** No longer where there is more room: a terminal that becomes narrower would leave a part of it behind as a row. */
const columnsMax = 80;

/** Without a terminal on stderr steps alone are written. Of a long line the beginning gives way, but for what it is about. */
export function showProgress(terminal: Terminal, hosts: number): Progress {
  const { writeError } = terminal;
  const waiting = new Map<string, string>();
  const draw = () => {
    const { progressWidth: width } = terminal;
    if (width === null) return;
    writeError(`\r\x1b[K${cutSteps(visible(describe(waiting, hosts)), Math.min(width, columnsMax) - 1)}`);
  };
  const around = (write: () => void) => {
    if (terminal.progressWidth !== null && waiting.size > 0) writeError("\r\x1b[K");
    write();
    if (waiting.size > 0) draw();
  };
  return {
    around,
    tell: (host, text) => {
      waiting.set(host, text);
      draw();
    },
    done: (host) => {
      if (waiting.delete(host)) draw();
    },
    step: (host, text, { everywhere } = { everywhere: false }) => {
      if (terminal.progressWidth !== null && !everywhere) return;
      around(() => writeError(remark(hosts === 1 ? text : `${host}: ${text}`, terminal)));
    },
  };
}

function describe(waiting: ReadonlyMap<string, string>, hosts: number): string {
  const [first] = waiting;
  if (first === undefined) return "";
  if (hosts === 1) return first[1];
  if (waiting.size === 1) return `${first[0]}: ${first[1]}`;
  return [...waiting].map(([host, text]) => `${host}: ${latest(text)}`).join("; ");
}

/** `nginx 1a2b3c4d: live`: of many lines there is room for the newest step alone. */
export function latest(text: string): string {
  const [, about, steps = text] = /^([^:]*): (.*)$/.exec(text) ?? [];
  const last = steps.split(" · ").at(-1) ?? steps;
  return about === undefined ? last : `${about}: ${last}`;
}

/** `nginx 1a2b3c4d: … · live · reloaded`: whole steps give way, and what it is about stays where there is room for it. */
function cutSteps(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  const about = text.slice(0, text.indexOf(": ") + 2);
  const steps = text.slice(about.length).split(" · ");
  const shorter = steps.slice(1).map((_, index) => `${about}${["…", ...steps.slice(index + 1)].join(" · ")}`);
  return shorter.find((line) => widthOf(line) <= columns) ?? cutStart(text, columns);
}
