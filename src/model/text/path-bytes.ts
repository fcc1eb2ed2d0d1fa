/**
 * File names are bytes. In a string, a byte that is not UTF-8 is the lone surrogate U+DC00 + byte, as in Python (PEP
 * 383): every name survives the way from git to the disk, and names in UTF-8 are unchanged.
 */

/** UTF-8 by The Unicode Standard, table 3-7, matched in latin1; and every other byte. */
const sequences =
  /[\0-\x7f]+|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|\xed[\x80-\x9f][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g;
const loneByte = /[\udc80-\udcff]/u;
const loneBytes = /([\udc80-\udcff])/u;
const surrogates = 0xdc00;

/** Decodes one path, or a list as git prints it. */
export function decodePath(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  if (!text.includes("\ufffd")) return text;
  return bytes
    .toString("latin1")
    .replace(sequences, (part) =>
      part.length === 1 && part >= "\x80"
        ? String.fromCharCode(surrogates + part.charCodeAt(0))
        : Buffer.from(part, "latin1").toString("utf8"),
    );
}

/** The inverse of `decodePath`. */
export function encodePath(path: string): Buffer {
  if (!loneByte.test(path)) return Buffer.from(path);
  const parts = path.split(loneBytes).map((part) => {
    if (!loneByte.test(part)) return Buffer.from(part);
    return Buffer.of(part.charCodeAt(0) - surrogates);
  });
  return Buffer.concat(parts);
}

/** True when the path can be an argument of a program: node passes only text. */
export function isUtf8(path: string): boolean {
  return !loneByte.test(path);
}

/** For people: a byte that is not UTF-8 becomes `\351`, as git prints it. */
export function showPath(path: string): string {
  if (isUtf8(path)) return path;
  return path.replace(/[\udc80-\udcff]/gu, (byte) => `\\${(byte.charCodeAt(0) - surrogates).toString(8)}`);
}
