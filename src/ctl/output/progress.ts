/** One line on stderr that is overwritten while the command waits. */
import { remark } from "./present.ts";
import type { Terminal } from "./terminal.ts";
import { cutStart, visible, widthOf } from "./visible.ts";

export interface Progress {
  /** Shows what one of the hosts is waited for; an empty text: nothing any more. */
  readonly show: (host: string, text: string) => void;
  /** Ends the wait for that host. */
  readonly done: (host: string) => void;
  /** Prints a line of its own when there is no terminal to overwrite; or everywhere. */
  readonly step: (host: string, text: string, where?: { readonly everywhere: boolean }) => void;
  /** Writes other output in place of the line, and restores the line below it. */
  readonly around: (write: () => void) => void;
}

/** The longest line: on a terminal that becomes narrower, a longer one would leave parts behind. */
const columnsMax = 80;

/** Without a terminal on stderr only steps are written. A long line is shortened at its beginning, after its subject. */
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
  const done = (host: string) => {
    if (waiting.delete(host)) draw();
  };
  return {
    around,
    done,
    show: (host, text) => {
      if (text === "") return done(host);
      waiting.set(host, text);
      draw();
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

/** `nginx 1a2b3c4d: live`: with many hosts only the newest step fits. */
export function latest(text: string): string {
  const [, about, steps = text] = /^([^:]*): (.*)$/.exec(text) ?? [];
  const last = steps.split(" · ").at(-1) ?? steps;
  return about === undefined ? last : `${about}: ${last}`;
}

/** `nginx 1a2b3c4d: … · live · reloaded`: leaves out whole steps, and keeps the subject if it fits. */
function cutSteps(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  const about = text.slice(0, text.indexOf(": ") + 2);
  const steps = text.slice(about.length).split(" · ");
  const shorter = steps.slice(1).map((_, index) => `${about}${["…", ...steps.slice(index + 1)].join(" · ")}`);
  return shorter.find((line) => widthOf(line) <= columns) ?? cutStart(text, columns);
}
