/** Makes text of a server harmless for a terminal, and measures how wide it is there. */

/** Control characters, line separators, and what turns the direction of writing. */
const unsafe = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** One line without control characters: line breaks and tabs become a space, the rest `\x1b` and the like. */
export function visible(text: string): string {
  return text
    .split(/[\r\n\t]/)
    .map((part) => part.trim())
    .filter(Boolean)
    .join(" ")
    .replace(unsafe, hexEscape);
}

/** Lines without control characters, indented as they were; each ends in a line break. */
export function visibleLines(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => line.replaceAll("\t", "        ").replace(unsafe, hexEscape));
}

/** JSON that means the same, without characters that JSON allows and a terminal obeys. */
export function visibleJson(json: string): string {
  return json.replace(unsafe, (char) => (/[\r\n\t]/.test(char) ? char : unicodeEscape(char)));
}

/** Cuts a text to a number of columns, with `…` for what is gone. */
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

/** Breaks a text into lines of at most so many columns, between words where that can be. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
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

/** The columns that a text takes on a terminal. */
export function widthOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  return [...text].reduce((columns, char) => columns + widthOfChar(char), 0);
}

/** Marks that join the character before them, and joiners. */
const joining = /^[\p{M}\p{Cf}]/u;
/** Unicode's wide and full-width blocks, and emoji. */
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|^\p{Emoji_Presentation}/u;

function widthOfChar(char: string): number {
  if (joining.test(char)) return 0;
  return wide.test(char) ? 2 : 1;
}

function hexEscape(char: string): string {
  const code = char.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : unicodeEscape(char);
}

function unicodeEscape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
