import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import type { Git } from "../git.ts";
import type { Store } from "../types.ts";
import { AnswerReader, ObjectReader } from "./object-reader.ts";

const id = "a".repeat(40);
const two = Buffer.from(`${id} commit 6\nab\ncd\n\nnobody missing\n${id} tree 0\n\n`);
const expected = [
  { id, type: "commit", content: Buffer.from("ab\ncd\n"), size: 6 },
  null,
  { id, type: "tree", content: Buffer.alloc(0), size: 0 },
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

test("malformed output is an error", () => {
  expect(() => [...new AnswerReader().take(Buffer.from("error: what\n"))]).toThrow("git cat-file says");
});

test("an object that is too large is truncated, and the next answer is read", () => {
  const message = Buffer.alloc(300_000, "m");
  const commit = [`${id} commit ${message.length}\n`, message, "\n"];
  const treeBytes = 70 * 1024 * 1024;
  const tree = [`${id} tree ${treeBytes}\n`, Buffer.alloc(treeBytes), "\n"];
  const reader = new AnswerReader();
  const chunks = [...commit, ...tree, two].map((part) => Buffer.from(part));
  const [first, second, ...rest] = chunks.flatMap((chunk) => [...reader.take(chunk)]);
  expect(first).toEqual({ id, type: "commit", content: message.subarray(0, 64 * 1024), size: 300_000 });
  expect(second).toEqual({
    id,
    type: `tree of ${treeBytes} bytes`,
    content: Buffer.alloc(0),
    size: treeBytes,
  });
  expect(rest).toEqual(expected);
});

test("an object that was just read is not read again, but a name is resolved each time", async () => {
  const asked: string[] = [];
  const git: Git = (_place, _args, { dialog, signal } = {}) => {
    const stdin = new PassThrough();
    stdin.on("data", (chunk: Buffer) => {
      for (const line of chunk.toString().trim().split("\n")) {
        asked.push(line);
        const name = line.replace(/^contents /, "");
        dialog?.onStdout(Buffer.from(name === "gone" ? "gone missing\n" : `${id} tree 2\nab\n`));
      }
    });
    dialog?.begin(stdin);
    return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new Error("stopped"))));
  };
  const reader = new ObjectReader({} as Store, git);
  const object = { id, type: "tree", content: Buffer.from("ab"), size: 2 };
  expect(await reader.read(["refs/heads/main", "gone"])).toEqual([object, null]);
  expect(await reader.read([id, "gone", id])).toEqual([object, null, object]);
  expect(await reader.read(["refs/heads/main"])).toEqual([object]);
  expect(asked).toEqual(
    ["refs/heads/main", "gone", "gone", "refs/heads/main"].map((name) => `contents ${name}`),
  );
});
