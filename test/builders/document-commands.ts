/** The command lines of a document in Markdown: blocks marked `sh`, and those within the text. */

export interface DocumentCommand {
  /** Of the document, from 1. */
  readonly line: number;
  /** A whole block, or a command of a line. */
  readonly text: string;
  readonly kind: "block" | "inline";
  /** What `<!-- not run: … -->` before a block or behind a command says; null: it is run. */
  readonly notRun: string | null;
}

/** Programs whose calls within the text count; a program named without arguments is only mentioned. */
const programs =
  /^(?:(?:gitopper|gitopperctl) |(?:ssh|ssh-keygen|systemctl|journalctl|runuser|gpg|auditctl|npm|source) \S+ )/;
/** `<service>`, `…`, or the unit `x`: to be filled in by the reader. */
const placeholder = /<[a-z]|…| x$/;
const mark = "<!-- not run: ([^>]+) -->";

/** In the order of the document. */
export function commandsOf(markdown: string): DocumentCommand[] {
  return [...blocksOf(markdown), ...inlinesOf(markdown)].sort((one, other) => one.line - other.line);
}

/** The texts of the blocks in a language, such as `toml`. */
export function codeOf(markdown: string, language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms");
  return [...markdown.matchAll(fence)].map(([, text = ""]) => text);
}

function blocksOf(markdown: string): DocumentCommand[] {
  const fence = new RegExp(`(?:^${mark}\n+)?^\`\`\`sh\n(.*?)^\`\`\`$`, "gms");
  return [...markdown.matchAll(fence)].map(({ index, 1: notRun, 2: text = "" }) => ({
    line: lineAt(markdown, index),
    text,
    kind: "block",
    notRun: notRun ?? null,
  }));
}

function inlinesOf(markdown: string): DocumentCommand[] {
  // Lines are kept, so that they can be counted.
  const prose = markdown.replace(/^```.*?^```$/gms, (block) => block.replace(/[^\n]/g, ""));
  const spans = new RegExp(`\`([^\`]+)\`(?:\\s*${mark})?`, "g");
  return [...prose.matchAll(spans)].flatMap(({ index, 1: span = "", 2: notRun }) => {
    const text = span.replace(/\s+/g, " ");
    if (!programs.test(text) || placeholder.test(text)) return [];
    return [{ line: lineAt(prose, index), text, kind: "inline" as const, notRun: notRun ?? null }];
  });
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
