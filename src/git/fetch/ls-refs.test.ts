import fc from "fast-check";
import { expect, test } from "vitest";
import { offersLsRefs, readLsRefs, renderLsRefs } from "./ls-refs.ts";
import { delimiter, flush, packet, readPackets } from "./pkt-line.ts";

const id = (digit: string) => digit.repeat(40);
const answer = (...lines: string[]) => Buffer.from(lines.map(packet).join("") + flush);

test("the question is what gitprotocol-v2 shows", () => {
  expect(renderLsRefs(["main", "next"])).toBe(
    "0014command=ls-refs\n0001001fref-prefix refs/heads/main\n001fref-prefix refs/heads/next\n0000",
  );
});

test("an answer has the tips of branches", () => {
  const tips = readLsRefs(
    answer(`${id("a")} refs/heads/main`, `${id("b")} refs/heads/main-2 peeled:${id("c")}`),
  );
  expect([...(tips ?? [])]).toEqual([
    ["main", id("a")],
    ["main-2", id("b")],
  ]);
  expect(readLsRefs(answer())).toEqual(new Map());
});

test.each([
  ["cut off", Buffer.from(packet(`${id("a")} refs/heads/main`))],
  ["cut off in a line", Buffer.from("003da")],
  ["an error", answer("ERR no such repository")],
  ["no id", answer("main refs/heads/main")],
  ["two parts", Buffer.from(`${delimiter}${flush}`)],
  ["nothing", Buffer.alloc(0)],
])("%s is no answer", (_, bytes) => {
  expect(readLsRefs(bytes)).toBeNull();
});

test("any bytes are read or refused", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      readLsRefs(Buffer.from(bytes));
      offersLsRefs(Buffer.from(bytes));
    }),
  );
});

test("lines come back as they were packed", () => {
  const line = fc.string({ maxLength: 100 }).filter((text) => !text.includes("\n") && text.isWellFormed());
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const packets = readPackets(Buffer.from(lines.map(packet).join("")));
      expect(packets).toEqual(lines.map((text) => ({ is: "line", text })));
    }),
  );
});

test.each([
  [["version 2", "agent=git/2.39.5", "ls-refs=unborn", "object-format=sha1"], true],
  [["# service=git-upload-pack", "version 2", "ls-refs"], true],
  [["version 2", "ls-refs=unborn", "object-format=sha256"], false],
  [["version 2", "fetch=shallow"], false],
  [["version 1", "ls-refs"], false],
  [[`${id("a")} HEAD\0multi_ack`], false],
])("%j can be asked: %s", (lines, can) => {
  expect(offersLsRefs(answer(...lines))).toBe(can);
});
