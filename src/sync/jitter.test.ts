import { expect, test } from "vitest";
import { createJitter } from "./jitter.ts";

const upstream = "https://git.example.org/config.git";
const ids = Array.from({ length: 1_000 }, (_, n) => n.toString(16).padStart(32, "0"));

test("a fleet is spread evenly, and each host stays where it is", () => {
  const places = ids.map((id) => createJitter(id)(upstream));
  const tenths = Array.from(
    { length: 10 },
    (_, tenth) => places.filter((at) => Math.floor(at * 10) === tenth).length,
  );
  for (const count of tenths) expect(count).toBeGreaterThan(60);
  for (const count of tenths) expect(count).toBeLessThan(140);
  expect(ids.map((id) => createJitter(id)(upstream))).toEqual(places);
});

test("one host stands elsewhere for another upstream", () => {
  const jitter = createJitter(ids[1] ?? "");
  expect(jitter(upstream)).not.toBe(jitter("https://git.example.org/other.git"));
});
