/** Results of field parsers. */
import { quote } from "../../errors/finding.ts";

/** The result of a field's parser: its value, or why it is refused and what would be right. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: string };

/** The text is valid. */
export function accept<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

/** The text is invalid; `why` follows the key's name in the message. */
export function refuse(why: string): Parsed<never> {
  return { ok: false, why };
}

/** A parser of these words; `why` gets any other text in quotes, and as written. */
export function oneOf<W extends string>(
  words: readonly W[],
  why: (quoted: string, text: string) => string,
): (text: string) => Parsed<W> {
  return (text) => {
    const word = words.find((each) => each === text);
    return word === undefined ? refuse(why(quote(text), text)) : accept(word);
  };
}
