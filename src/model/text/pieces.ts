/** Splits untrusted text in one pass, however long it is. */

/** The text without trailing occurrences of this character. */
export function withoutTrailing(text: string, char: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === char) end--;
  return text.slice(0, end);
}
