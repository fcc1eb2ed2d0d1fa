import { expect, test } from "vitest";
import { FailedLogins } from "./failed-logins.ts";

function aCounter() {
  const seen = { lines: [] as string[], doors: [] as string[], at: 0 };
  const failed = new FailedLogins({
    onRefused: (door) => seen.doors.push(door),
    warn: (line) => seen.lines.push(line),
    now: () => seen.at,
  });
  const note = (times: number, from = "192.0.2.7") =>
    Array.from({ length: times }, () => failed.record("https", from)).filter(Boolean).length;
  return { seen, note, isLimited: (from: string) => failed.isLimited(from) };
}

test("a peer is limited after too many failures, until the minute has passed", () => {
  const { seen, note, isLimited } = aCounter();
  note(30);
  expect(isLimited("192.0.2.7")).toBe(false);
  note(1);
  expect([isLimited("192.0.2.7"), isLimited("192.0.2.8")]).toEqual([true, false]);
  seen.at = 60_000;
  expect(isLimited("192.0.2.7")).toBe(false);
});

test("a peer has thirty a minute, whatever the others do", () => {
  const { seen, note } = aCounter();
  expect(note(30)).toBe(0);
  expect(note(5)).toBe(5);
  expect(note(1, "192.0.2.8")).toBe(0);
  seen.at = 59_999;
  expect(note(1)).toBe(1);
  seen.at = 60_000;
  expect(note(30)).toBe(0);
  expect(note(1)).toBe(1);
});

test("one IPv6 host does not become many by its addresses", () => {
  const { note } = aCounter();
  for (let i = 0; i < 30; i++) note(1, `2001:db8::${i.toString(16)}`);
  expect(note(1, "2001:db8::ffff")).toBe(1);
  expect(note(1, "2001:db8:0:1::1")).toBe(0);
  expect(note(31, "::ffff:192.0.2.9")).toBe(1);
  expect(note(1, "192.0.2.9")).toBe(1);
});

test("each is counted, and a peer has one line a minute", () => {
  const { seen, note } = aCounter();
  note(100);
  expect(seen.lines).toEqual(["a credential from 192.0.2.7 was refused (https)"]);
  expect(seen.doors).toEqual(Array(100).fill("https"));
  seen.at = 60_000;
  note(2);
  expect(seen.lines).toHaveLength(2);
});

test("many peers do not flood the log", () => {
  const { seen, note } = aCounter();
  for (let i = 0; i < 10_000; i++) note(1, `10.0.${i >> 8}.${i & 255}`);
  expect(seen.lines).toHaveLength(20);
  expect(seen.lines.at(-1)).toMatch(/no more of these lines for a minute$/);
});
