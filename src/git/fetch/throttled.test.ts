import { expect, test } from "vitest";
import { retryAfterMs } from "./throttled.ts";

const now = new Date("2026-11-24T12:00:00Z");
const trace = (...headers: string[]) =>
  headers.map((header) => `12:00:00.000000 http.c:623   <= Recv header: ${header}\n`).join("");

test.each([
  ["seconds", ["Retry-After: 120"], 120_000],
  ["no seconds at all", ["Retry-After: 0"], 0],
  ["HTTP/2 in small letters", ["retry-after: 7\r"], 7_000],
  ["the last answer counts", ["Retry-After: 1", "Retry-After: 2"], 2_000],
  ["a date", ["Retry-After: Tue, 24 Nov 2026 12:05:00 GMT"], 300_000],
  [
    "a date, and our clock is wrong",
    ["Date: Tue, 01 Jan 2030 00:00:00 GMT", "Retry-After: Tue, 01 Jan 2030 00:01:00 GMT"],
    60_000,
  ],
  ["a date that is past", ["Retry-After: Tue, 24 Nov 2026 11:00:00 GMT"], 0],
  ["a day is too long", ["Retry-After: 86400"], 3_600_000],
  ["an absurd number", [`Retry-After: ${"9".repeat(400)}`], 3_600_000],
  ["a negative number", ["Retry-After: -5"], null],
  ["nonsense", ["Retry-After: soon"], null],
  ["nothing", ["Content-Type: text/html"], null],
])("%s", (_, headers, ms) => {
  expect(retryAfterMs(trace(...headers), now)).toBe(ms);
});

test("sent headers and bodies are ignored", () => {
  expect(retryAfterMs("=> Send header: Retry-After: 5\nRetry-After: 6\n", now)).toBeNull();
});
