import fc from "fast-check";
import { expect, test } from "vitest";
import { cut, visible, visibleJson, widthOf } from "./visible.ts";

test("terminal escapes are shown, not obeyed", () => {
  expect(visible("a\x1b]0;title\x07b\x9b31m")).toBe("a\\x1b]0;title\\x07b\\x9b31m");
  expect(visible("evil \u202etxt")).toBe("evil \\u202etxt");
});

test("a text becomes one line", () => {
  expect(visible(" one\n  two\r\n\tthree\n")).toBe("one two three");
});

test("no text has a control character left", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => !/\p{Cc}/u.test(visible(text))),
    { examples: [["\x1b[2J"], ["\x9b"]] },
  );
});

test("JSON keeps its meaning and its line breaks", () => {
  const json = `{\n"a": ${JSON.stringify("\x9b31m \x7f \u202e ok")}\n}\n`;
  expect(visibleJson(json)).not.toMatch(/[\x7f-\x9f\u202e]/);
  expect(JSON.parse(visibleJson(json))).toEqual(JSON.parse(json));
  expect(visibleJson(json).split("\n")).toHaveLength(4);
});

test("wide characters count twice, combining ones not at all", () => {
  expect(widthOf("日本")).toBe(4);
  expect(widthOf("e\u0301")).toBe(1);
  expect(cut("日本語", 5)).toBe("日本…");
});

test("a cut text is never wider than its limit", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme" }),
      fc.integer({ min: 1, max: 20 }),
      (text, columns) => widthOf(cut(text, columns)) <= columns,
    ),
  );
});
