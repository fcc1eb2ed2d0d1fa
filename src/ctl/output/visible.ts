/** Makes untrusted text safe for a terminal, and measures its width. */
import { harmless } from "../../model/text/harmless.ts";

export { harmlessJson as visibleJson } from "../../model/text/harmless.ts";

/** One line without control characters: line breaks and tabs become spaces, others `\x1b` and the like. */
export function visible(text: string): string {
  const parts = text.split(/[\r\n\t]/).map((part) => part.trim());
  return harmless(parts.filter(Boolean).join(" "));
}

/** Lines without control characters, with their indentation; each ends in a line break. */
export function visibleLines(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => harmless(line.replaceAll("\t", "        ")));
}

/** Truncates a text to a number of columns, with `…` at the end. */
export function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let kept = "";
  let used = 0;
  for (const char of text) {
    used += widthOfChar(char);
    if (used > columns - 1) break;
    kept += char;
  }
  return `${kept}…`;
}

/** Truncates a text at its beginning to a number of columns, with `…` in front. */
export function cutStart(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  const chars = [...text].slice(-columns);
  while (widthOf(chars.join("")) > columns - 1) chars.shift();
  return `…${chars.join("")}`;
}

/** Wraps a text to lines of at most so many columns, between words if possible; nothing is lost. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ").flatMap((word) => pieces(word, columns))) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (widthOf(longer) <= columns || line === "") {
      line = longer;
      continue;
    }
    lines.push(line);
    line = word;
  }
  return [...lines, line];
}

/** The room beside so many columns, where a line is wrapped; at least 20 columns. */
export function roomBeside(columns: number, { width }: { readonly width: number | null }): number {
  return Math.max(20, (width ?? Number.POSITIVE_INFINITY) - columns);
}

/** Splits a word that is wider than a line. */
function pieces(word: string, columns: number): string[] {
  if (widthOf(word) <= columns) return [word];
  const parts = [""];
  for (const char of word) {
    const longer = `${parts.at(-1)}${char}`;
    if (parts.at(-1) !== "" && widthOf(longer) > columns) parts.push(char);
    else parts[parts.length - 1] = longer;
  }
  return parts;
}

/** The width of a text on a terminal, in columns. */
export function widthOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  return [...text].reduce((columns, char) => columns + widthOfChar(char), 0);
}

/** Marks that combine with the character before them, and joiners. */
const joining = /^[\p{M}\p{Cf}]/u;
/** Unicode's wide and full-width blocks, and emoji. */
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|^\p{Emoji_Presentation}/u;

function widthOfChar(char: string): number {
  if (joining.test(char)) return 0;
  return wide.test(char) ? 2 : 1;
}
