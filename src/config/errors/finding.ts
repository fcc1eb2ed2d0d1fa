/** What is wrong in a config, and at which key, before its line is known. */

/** The path to a key from the top of the file: `["services", 1, "dirs", 0, "link"]`. */
export type Path = readonly (string | number)[];

export interface Finding {
  readonly path: Path;
  readonly message: string;
  /** The key that it collides with, if any. */
  readonly other: Path | null;
}

/** Collects findings; each key has at most its first one. */
export class Findings {
  readonly list: Finding[] = [];
  readonly #seen = new Set<string>();

  add(path: Path, message: string, other: Path | null = null): void {
    if (this.has(path)) return;
    this.excuse(path);
    this.list.push({ path, message, other });
  }

  /** Suppresses further findings about this key, which are reported elsewhere. */
  excuse(path: Path): void {
    this.#seen.add(JSON.stringify(path));
  }

  /** Whether the key, or a table around it, has a finding or was excused. */
  has(path: Path): boolean {
    return path.some((_, index) => this.#seen.has(JSON.stringify(path.slice(0, index + 1))));
  }
}

/** A path in the notation of messages: `services[1].dirs[0].link`. */
export function renderKey(path: Path): string {
  return path.map(renderPart).join("").replace(/^\./, "");
}

function renderPart(part: string | number): string {
  if (typeof part === "number") return `[${part}]`;
  return /^[\w-]{1,80}$/.test(part) ? `.${part}` : `.${quote(part)}`;
}

const quotedMaxChars = 200;

/** The text in quotes on one line, without control characters, truncated when it is long. */
export function quote(text: string): string {
  const clipped = text.length > quotedMaxChars ? `${text.slice(0, quotedMaxChars)}…` : text;
  return JSON.stringify(clipped).replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
