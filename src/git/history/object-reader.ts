/** Reads commits and trees of a store through a long-lived git: starting a process takes longer than the answer. */
import { PassThrough, type Writable } from "node:stream";
import type { Dialog } from "../../platform/process/exec.ts";
import type { Git } from "../git.ts";
import type { Store } from "../types.ts";
import { readingIn } from "./reader.ts";

export interface GitObject {
  readonly id: string;
  readonly type: string;
  readonly content: Buffer;
  /** The content in bytes, as in git. */
  readonly size: number;
}

/** A git without questions for this long is ended. */
const idleMs = 1_000;
/** After this time a new git takes over, long before the old one's time-out. */
const oldMs = 60_000;
/** Most questions repeat within a second: the tips of branches, then their entries and their order. */
const keptMaxBytes = 1024 * 1024;
const idsAtOnce = 500;

export class ObjectReader {
  readonly #store: Store;
  readonly #git: Git;
  #talk: Talk | null = null;

  constructor(store: Store, git: Git) {
    this.#store = store;
    this.#git = git;
  }

  /** Starts git before the first question, with the store's packs open and these objects cached. */
  warm(names: readonly string[]): void {
    this.read(names).catch(() => {});
  }

  /** The objects of these names, in their order; null: the store lacks it. @throws ExecFailure */
  async read(names: readonly string[]): Promise<(GitObject | null)[]> {
    return names.length === 0 ? [] : this.#fitTalk().contentsOf(names);
  }

  /** The ids that the store lacks, blobs included. @throws ExecFailure */
  async missing(ids: readonly string[]): Promise<string[]> {
    const sizes = await this.sizes(ids);
    return ids.filter((_, index) => sizes[index] === null);
  }

  /** The sizes of these objects in bytes, in their order; null: the store lacks it. @throws ExecFailure */
  async sizes(ids: readonly string[]): Promise<(number | null)[]> {
    const sizes: (number | null)[] = [];
    for (let at = 0; at < ids.length; at += idsAtOnce) {
      const found = await this.#fitTalk().ask("info", ids.slice(at, at + idsAtOnce));
      for (const object of found) sizes.push(object?.size ?? null);
    }
    return sizes;
  }

  /** Forgets everything, because the store has been replaced. */
  restart(): void {
    this.#talk = null;
  }

  #fitTalk(): Talk {
    if (this.#talk?.isFit !== true) this.#talk = this.#start();
    return this.#talk;
  }

  #start(): Talk {
    const talk = new Talk();
    const options = { dialog: talk, signal: talk.stop.signal };
    this.#git(readingIn(this.#store), ["cat-file", "--batch-command"], options).then(
      () => talk.over(new Error("git cat-file has ended without an answer")),
      (error: unknown) => talk.over(error),
    );
    return talk;
  }
}

/** `contents` returns the whole object, `info` its type and size. */
type Question = "contents" | "info";

interface Waiter extends PromiseWithResolvers<GitObject | null> {
  readonly question: Question;
}

/** One `git cat-file --batch-command`, see git-cat-file(1), BATCH OUTPUT. It answers in the order of the questions. */
class Talk implements Dialog {
  readonly #questions = new PassThrough();
  readonly #waiting: Waiter[] = [];
  readonly #answers = new AnswerReader(() => this.#waiting[0]?.question === "contents");
  /** By object id, whose content never changes. */
  readonly #kept = new Map<string, GitObject>();
  #keptBytes = 0;
  readonly #startedMs = performance.now();
  #ended = false;
  readonly stop = new AbortController();
  readonly #idle: NodeJS.Timeout;

  constructor() {
    this.#idle = setTimeout(() => this.#onIdle(), idleMs);
  }

  get isFit(): boolean {
    return !this.#ended && performance.now() - this.#startedMs < oldMs;
  }

  async contentsOf(names: readonly string[]): Promise<(GitObject | null)[]> {
    const unknown = names.filter((name) => !this.#kept.has(name));
    const answers = unknown.length === 0 ? [] : await this.ask("contents", unknown);
    for (const answer of answers) if (answer !== null) this.#keep(answer);
    const read = new Map(unknown.map((name, index) => [name, answers[index] ?? null]));
    return names.map((name) => read.get(name) ?? this.#kept.get(name) ?? null);
  }

  #keep(object: GitObject): void {
    if (this.#kept.has(object.id) || this.#keptBytes + object.content.length > keptMaxBytes) return;
    this.#kept.set(object.id, object);
    this.#keptBytes += object.content.length;
  }

  ask(question: Question, names: readonly string[]): Promise<(GitObject | null)[]> {
    const waiters = names.map(() => ({ question, ...Promise.withResolvers<GitObject | null>() }));
    for (const waiter of waiters) this.#waiting.push(waiter);
    this.#questions.write(names.map((name) => `${question} ${name}\n`).join(""));
    return Promise.all(waiters.map(({ promise }) => promise));
  }

  begin(stdin: Writable): void {
    this.#questions.pipe(stdin);
  }

  onStdout(chunk: Buffer): void {
    if (this.stop.signal.aborted) return;
    this.#idle.refresh();
    try {
      for (const answer of this.#answers.take(chunk)) this.#waiting.shift()?.resolve(answer);
    } catch (error) {
      this.stop.abort();
      this.over(error);
    }
  }

  /** All waiting questions get the error. */
  over(error: unknown): void {
    this.#end();
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  #onIdle(): void {
    if (this.#waiting.length === 0) this.#end();
    else this.#idle.refresh();
  }

  #end(): void {
    this.#ended = true;
    clearTimeout(this.#idle);
    this.#questions.end();
  }
}

/** Large enough for a commit's headers. Trees are only useful as a whole. */
const commitKeptBytes = 64 * 1024;
const objectMaxBytes = 64 * 1024 * 1024;

/** Parses `<id> <type> <size>\n<content>\n` and `<name> missing\n`; calls back to learn whether the next one has content. */
export class AnswerReader {
  readonly #hasContent: () => boolean;
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** With fewer bytes, parsing cannot succeed. */
  #needed = 1;
  /** Bytes still to skip of an object that is too large. */
  #unwanted = 0;

  constructor(hasContent = () => true) {
    this.#hasContent = hasContent;
  }

  /** The answers that are complete; null: missing. A commit's message may be truncated. @throws Error for malformed output */
  *take(chunk: Buffer): Generator<GitObject | null> {
    this.#add(chunk);
    if (this.#bytes < this.#needed) return;
    let rest = Buffer.concat(this.#chunks);
    for (;;) {
      const read = readAnswer(rest, this.#hasContent());
      if ("needed" in read) {
        this.#needed = read.needed;
        break;
      }
      yield read.answer;
      rest = rest.subarray(read.bytes);
      this.#unwanted = Math.max(0, read.unwanted - rest.length);
      rest = rest.subarray(read.unwanted);
    }
    this.#chunks = [rest];
    this.#bytes = rest.length;
  }

  #add(chunk: Buffer): void {
    const wanted = chunk.subarray(this.#unwanted);
    this.#unwanted -= chunk.length - wanted.length;
    this.#chunks.push(wanted);
    this.#bytes += wanted.length;
  }
}

type Read =
  | { readonly needed: number }
  | { readonly answer: GitObject | null; readonly bytes: number; readonly unwanted: number };

function readAnswer(bytes: Buffer, hasContent: boolean): Read {
  const end = bytes.indexOf("\n");
  if (end === -1) return { needed: bytes.length + 1 };
  const line = bytes.toString("utf8", 0, end);
  if (line.endsWith(" missing")) return { answer: null, bytes: end + 1, unwanted: 0 };
  const [, id, type, digits] = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(line) ?? [];
  if (id === undefined || type === undefined) throw new Error(`git cat-file says ${JSON.stringify(line)}`);
  const size = Number(digits);
  if (!hasContent)
    return { answer: { id, type, content: Buffer.alloc(0), size }, bytes: end + 1, unwanted: 0 };
  const isTooLarge = type !== "commit" && size > objectMaxBytes;
  const kept = isTooLarge ? 0 : type === "commit" ? Math.min(size, commitKeptBytes) : size;
  const needed = end + 1 + kept;
  if (bytes.length < needed) return { needed };
  const content = Buffer.from(bytes.subarray(end + 1, needed));
  const answer = { id, type: isTooLarge ? `${type} of ${size} bytes` : type, content, size };
  return { answer, bytes: needed, unwanted: size - kept + 1 };
}
