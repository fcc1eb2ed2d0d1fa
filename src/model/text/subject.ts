/** The subject of a certificate in text form: `CN=prometheus,O=Example` (RFC 4514). */

/** Its parts: type, such as CN, and value. */
export type Subject = readonly { readonly type: string; readonly value: string }[];

/** Null: a part is not a type, `=` and a value; a comma in a value is escaped with `\`. */
export function parseSubject(text: string): Subject | null {
  const parts = text.match(/(?:\\.|[^\\,])+/g) ?? [];
  if (parts.join(",") !== text) return null;
  const subject = parts.map((part) => {
    const at = part.indexOf("=");
    const type = part.slice(0, Math.max(0, at)).trim();
    return {
      type: /^[A-Za-z][A-Za-z0-9.-]*$/.test(type) ? type : "",
      value: part
        .slice(at + 1)
        .trim()
        .replace(/\\(.)/g, "$1"),
    };
  });
  return subject.length > 0 && subject.every(({ type, value }) => type && value) ? subject : null;
}
