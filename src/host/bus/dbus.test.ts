import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeCall, type Header, MessageReader, WireFailure } from "./dbus.ts";

const hex = (...lines: string[]) => Buffer.from(lines.join("").replaceAll(" ", ""), "hex");

/** What dbus-daemon 1.14.10 answers to our Hello; it was recorded. */
const helloReply = hex(
  "6c 02 01 01 09 00 00 00 01 00 00 00 3d 00 00 00 06 01 73 00 04 00 00 00 3a 31 2e 30 00 00 00 00",
  "05 01 75 00 01 00 00 00 08 01 67 00 01 73 00 00 07 01 73 00 14 00 00 00 6f 72 67 2e 66 72 65 65",
  "64 65 73 6b 74 6f 70 2e 44 42 75 73 00 00 00 00 04 00 00 00 3a 31 2e 30 00",
);
/** And the signal that comes with it. */
const nameAcquired = hex(
  "6c 04 01 01 09 00 00 00 02 00 00 00 8d 00 00 00 01 01 6f 00 15 00 00 00 2f 6f 72 67 2f 66 72 65",
  "65 64 65 73 6b 74 6f 70 2f 44 42 75 73 00 00 00 02 01 73 00 14 00 00 00 6f 72 67 2e 66 72 65 65",
  "64 65 73 6b 74 6f 70 2e 44 42 75 73 00 00 00 00 03 01 73 00 0c 00 00 00 4e 61 6d 65 41 63 71 75",
  "69 72 65 64 00 00 00 00 06 01 73 00 04 00 00 00 3a 31 2e 30 00 00 00 00 08 01 67 00 01 73 00 00",
  "07 01 73 00 14 00 00 00 6f 72 67 2e 66 72 65 65 64 65 73 6b 74 6f 70 2e 44 42 75 73 00 00 00 00",
  "04 00 00 00 3a 31 2e 30 00",
);

const reply: Header = {
  type: "reply",
  ...{ path: "", interface: "", member: "", error: "" },
  sender: "org.freedesktop.DBus",
  replyTo: 1,
};

const addMatch = {
  destination: "org.freedesktop.DBus",
  path: "/org/freedesktop/DBus",
  interface: "org.freedesktop.DBus",
  member: "AddMatch",
  argument: "type='signal'",
};

const heard: Header = {
  type: "call",
  ...{ path: addMatch.path, interface: addMatch.interface, member: addMatch.member },
  ...{ sender: "", replyTo: 0, error: "" },
};

test("what a real bus says", () => {
  const signal = { ...addMatch, type: "signal", sender: "org.freedesktop.DBus", replyTo: 0, error: "" };
  const { argument: _, destination: __, ...acquired } = { ...signal, member: "NameAcquired" };
  expect(new MessageReader().push(Buffer.concat([helloReply, nameAcquired]))).toEqual([reply, acquired]);
});

test("the other byte order", () => {
  const big = Buffer.from(helloReply);
  big.write("B", 0);
  // Every length and number of it, turned round.
  for (const at of [4, 8, 12, 20, 36, 52, 80]) big.subarray(at, at + 4).reverse();
  expect(new MessageReader().push(big)).toEqual([reply]);
});

test("a call, byte for byte", () => {
  const { argument: _, ...hello } = { ...addMatch, member: "Hello" };
  expect(encodeCall(1, hello).toString("latin1")).toBe(
    "l\x01\0\x01\0\0\0\0\x01\0\0\0n\0\0\0" +
      "\x01\x01o\0\x15\0\0\0/org/freedesktop/DBus\0\0\0" +
      "\x06\x01s\0\x14\0\0\0org.freedesktop.DBus\0\0\0\0" +
      "\x02\x01s\0\x14\0\0\0org.freedesktop.DBus\0\0\0\0" +
      "\x03\x01s\0\x05\0\0\0Hello\0\0\0",
  );
});

test("written messages are read back, in chunks of any size, with bodies in between", () => {
  const call = encodeCall(7, addMatch);
  const stream = Buffer.concat([call, helloReply, call]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 20 }), (cuts) => {
      const reader = new MessageReader();
      const edges = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
      const seen = edges.slice(1).flatMap((end, index) => reader.push(stream.subarray(edges[index], end)));
      expect(seen).toEqual([heard, reply, heard]);
    }),
  );
});

test("a signal with a body or a header of megabytes is skipped, and the next one is read", () => {
  const large = { ...addMatch, argument: "x".repeat(3_000_000) };
  const long = { ...addMatch, path: `/${"x".repeat(3_000_000)}` };
  const reader = new MessageReader();
  expect(reader.push(encodeCall(1, large))).toEqual([heard]);
  const stream = Buffer.concat([encodeCall(2, long), helloReply]);
  const pieces = Array.from({ length: 50 }, (_, piece) =>
    stream.subarray(piece * 65_536, (piece + 1) * 65_536),
  );
  expect(pieces.flatMap((piece) => reader.push(piece))).toEqual([reply]);
});

describe("a malformed message ends the connection", () => {
  const spoilt = (change: (bytes: Buffer) => void) => {
    const bytes = Buffer.from(helloReply);
    change(bytes);
    return () => new MessageReader().push(bytes);
  };
  test.each<[string, (bytes: Buffer) => void, RegExp]>([
    ["another byte order", (bytes) => bytes.write("x"), /byte order/],
    ["another version", (bytes) => bytes.writeUInt8(2, 3), /version 2/],
    ["more than the specification allows", (bytes) => bytes.writeUInt32LE(0xfffffff0, 4), /4294967\d+ bytes/],
    ["a string beyond the header", (bytes) => bytes.writeUInt32LE(500, 20), /does not end/],
    ["a string without an end", (bytes) => bytes.writeUInt32LE(3, 20), /does not end/],
    ["a compound field", (bytes) => bytes.write("a", 18), /unknown type/],
    ["a field that is cut off", (bytes) => bytes.writeUInt32LE(6, 12), /not end/],
  ])("%s", (_, change, message) => {
    expect(spoilt(change)).toThrow(message);
  });

  test("anything at all: headers, or that failure", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
      // Close to a message.
      fc
        .array(fc.tuple(fc.nat({ max: helloReply.length - 1 }), fc.nat({ max: 255 })), { maxLength: 4 })
        .map((changes) => {
          const copy = Buffer.from(helloReply);
          for (const [at, value] of changes) copy[at] = value;
          return copy;
        }),
    );
    fc.assert(
      fc.property(bytes, (sent) => {
        try {
          expect(new MessageReader().push(sent).length).toBeLessThan(20);
        } catch (error) {
          if (!(error instanceof WireFailure)) throw error;
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
