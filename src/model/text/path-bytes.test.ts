import fc from "fast-check";
import { expect, test } from "vitest";
import { decodePath, encodePath, isUtf8, showPath } from "./path-bytes.ts";

test("every name survives, and a name in UTF-8 is unchanged", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect([...encodePath(decodePath(Buffer.from(bytes)))]).toEqual([...bytes]);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      if (!text.isWellFormed()) return;
      expect(decodePath(Buffer.from(text))).toBe(text);
      expect([isUtf8(text), showPath(text)]).toEqual([true, text]);
    }),
  );
});

test.each([
  ["a byte of latin1", [0x63, 0x61, 0x66, 0xe9], "caf\\351"],
  ["UTF-8 that is cut off", [0xe2, 0x82, 0x2f, 0xc3, 0xa9], "\\342\\202/é"],
  ["a surrogate in UTF-8", [0xed, 0xb3, 0xa9], "\\355\\263\\251"],
  ["a long form of a slash", [0xc0, 0xaf], "\\300\\257"],
  ["the replacement character itself", [0xef, 0xbf, 0xbd, 0xff], "\ufffd\\377"],
])("%s is shown as git shows it", (_, bytes, shown) => {
  const path = decodePath(Buffer.from(bytes));
  expect(showPath(path)).toBe(shown);
  expect([...encodePath(path)]).toEqual(bytes);
});
