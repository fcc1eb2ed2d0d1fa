/** Makes untrusted text safe for terminals and logs: no control, bidirectional or invisible characters. */

/** Control characters, line separators, and bidirectional controls. */
const unsafe = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Replaces each of them by `\x1b` or `\u202e`; line breaks and tabs too. */
export function harmless(text: string): string {
  return text.replace(unsafe, hexEscape);
}

/** Equivalent JSON without characters that JSON allows and terminals interpret. */
export function harmlessJson(json: string): string {
  return json.replace(unsafe, (char) => (/[\r\n\t]/.test(char) ? char : unicodeEscape(char)));
}

function hexEscape(char: string): string {
  const code = char.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : unicodeEscape(char);
}

function unicodeEscape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
