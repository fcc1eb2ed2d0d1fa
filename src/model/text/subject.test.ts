import { expect, test } from "vitest";
import { parseSubject } from "./subject.ts";

test.each([
  ["CN=prometheus", [["CN", "prometheus"]]],
  [
    "CN = prometheus , O = Example Ltd",
    [
      ["CN", "prometheus"],
      ["O", "Example Ltd"],
    ],
  ],
  [
    "CN=a\\,b,O=c=d",
    [
      ["CN", "a,b"],
      ["O", "c=d"],
    ],
  ],
])("%s", (text, parts) => {
  expect(parseSubject(text)?.map(({ type, value }) => [type, value])).toEqual(parts);
});

test.each(["", "prometheus", "CN=", "=x", "CN=a,", ",CN=a", "CN=a,,O=b", "CN=a,b", "CN=a\\"])(
  "%j is none",
  (text) => {
    expect(parseSubject(text)).toBeNull();
  },
);
