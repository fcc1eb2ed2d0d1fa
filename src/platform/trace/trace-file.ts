/** A file of trace events: a JSON array that is readable at any time, closed or not. */
import { closeSync, constants, ftruncateSync, lstatSync, openSync, renameSync, writeSync } from "node:fs";
import { messageOf } from "../../model/text/error-message.ts";
import { maskSecrets } from "../../model/text/mask.ts";

const exclusively = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const end = "\n]\n";

export interface TraceFileOptions {
  readonly maxBytes: number;
  /** Called once, with the reason why writing has stopped. */
  readonly onFull: (why: string) => void;
}

export class TraceFile {
  readonly #fd: number;
  readonly #options: TraceFileOptions;
  #bytes = 0;
  #waiting: string[] = [];
  #timer: NodeJS.Immediate | null = null;
  #closed = false;

  /** Keeps an existing file as `<path>.old`, which after a crash is the interesting trace. @throws Error in one line */
  constructor(path: string, options: TraceFileOptions) {
    this.#options = options;
    try {
      setAside(path);
      this.#fd = openSync(path, exclusively, 0o600);
    } catch (error) {
      throw new Error(`Cannot write a trace to ${JSON.stringify(path)}: ${reasonOf(error)}`, {
        cause: error,
      });
    }
  }

  /** Writes whole events; one write for all events of a turn of the event loop. */
  write(event: object): void {
    if (this.#closed) return;
    this.#waiting.push(maskSecrets(JSON.stringify(event)));
    this.#timer ??= setImmediate(() => this.#flush());
  }

  /** Closes the array. */
  close(): void {
    this.#flush();
    this.#finish();
  }

  #flush(): void {
    if (this.#timer) clearImmediate(this.#timer);
    this.#timer = null;
    const events = this.#waiting.splice(0);
    if (this.#closed || events.length === 0) return;
    const text = Buffer.from(`${this.#bytes === 0 ? "[\n" : ",\n"}${events.join(",\n")}`);
    if (this.#bytes + text.length + end.length > this.#options.maxBytes) {
      this.#finish();
      this.#options.onFull(`it has ${Math.floor(this.#options.maxBytes / 2 ** 20)} MiB`);
    } else this.#append(text);
  }

  #append(text: Buffer): void {
    try {
      for (let at = 0; at < text.length; ) at += writeSync(this.#fd, text, at);
      this.#bytes += text.length;
    } catch (error) {
      this.#finish();
      this.#options.onFull(reasonOf(error));
    }
  }

  /** Errors are ignored here: the earlier events are in the file. */
  #finish(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      // Half an event, on a full disk.
      ftruncateSync(this.#fd, this.#bytes);
      writeSync(this.#fd, this.#bytes === 0 ? `[${end}` : end, this.#bytes);
    } catch {
      // Readers accept it without its end.
    }
    closeSync(this.#fd);
  }
}

function setAside(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isFile()) throw new Error("something is there that is not a plain file");
  renameSync(path, `${path}.old`);
}

function reasonOf(error: unknown): string {
  const text = messageOf(error);
  // Node: "ENOENT: no such file or directory, open '/…'".
  return /^[A-Z0-9]+: ([^,]*), /.exec(text)?.[1] ?? text;
}
