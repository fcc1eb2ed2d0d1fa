import fc from "fast-check";
import { expect, test } from "vitest";
import { parseEvents } from "./server-sent-events.ts";

async function parse(chunks: readonly string[]) {
  const all = [];
  for await (const event of parseEvents(feed(chunks))) all.push(event);
  return all;
}

async function* feed(chunks: readonly string[]): AsyncGenerator<string> {
  yield* chunks;
}

const text =
  "retry: 3000\n\nid: 4\nevent: x\ndata: {\ndata: }\n\n: still here\n\nid:5\r\ndata:a: b\r\n\r\ndata: lost";

test("events, signs of life, and the id that goes on; what has no end is left out", async () => {
  expect(await parse([text])).toEqual([
    { id: null, data: "" },
    { id: "4", data: "{\n}" },
    { id: "4", data: "" },
    { id: "5", data: "a: b" },
  ]);
});

test("it does not matter where the chunks end", async () => {
  const whole = await parse([text]);
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: text.length - 1 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(cuts, async (places) => {
      const ends = [0, ...places.sort((a, b) => a - b), text.length];
      expect(await parse(ends.slice(1).map((end, index) => text.slice(ends[index], end)))).toEqual(whole);
    }),
  );
});

test("an event without an end is refused", async () => {
  await expect(parse(Array.from({ length: 20 }, () => "x".repeat(100_000)))).rejects.toThrow(
    "without an end",
  );
});
