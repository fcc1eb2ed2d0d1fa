import { expect, test } from "vitest";
import { AnswerReader } from "./object-reader.ts";

const id = "a".repeat(40);
const two = Buffer.from(`${id} commit 6\nab\ncd\n\nnobody missing\n${id} tree 0\n\n`);
const expected = [
  { id, type: "commit", content: Buffer.from("ab\ncd\n") },
  null,
  { id, type: "tree", content: Buffer.alloc(0) },
];

test("answers are read wherever the chunks end", () => {
  for (let at = 0; at <= two.length; at++) {
    const reader = new AnswerReader();
    const answers = [...reader.take(two.subarray(0, at)), ...reader.take(two.subarray(at))];
    expect(answers).toEqual(expected);
  }
  const reader = new AnswerReader();
  expect([...two].flatMap((byte) => [...reader.take(Buffer.of(byte))])).toEqual(expected);
});

test("what is no answer, or more than memory should hold, is an error", () => {
  const take = (text: string) => [...new AnswerReader().take(Buffer.from(text))];
  expect(() => take("error: what\n")).toThrow("git cat-file says");
  expect(() => take(`${id} tree 99999999999\n`)).toThrow("more than");
});
