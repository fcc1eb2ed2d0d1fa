import { expect, test } from "vitest";
import { parseLoginPart, withLogin } from "./netrc.ts";

const login = { host: "git.example.org", user: "bot", secret: "s3cret" };
const line = "machine git.example.org login bot password s3cret";

test.each([
  ["", `${line}\n`],
  ["machine other login a password b\n", `${line}\nmachine other login a password b\n`],
  ["default login anonymous password x\n", `${line}\ndefault login anonymous password x\n`],
  ["machine git.example.org login bot password old\n# kept\n", `${line}\n# kept\n`],
  [
    "machine git.example.org.evil login a password b",
    `${line}\nmachine git.example.org.evil login a password b`,
  ],
])("%j becomes %j", (text, wanted) => {
  expect(withLogin(text, login)).toBe(wanted);
});

test("an entry that spans lines is left alone", () => {
  expect(withLogin("machine git.example.org\n  login bot\n  password old\n", login)).toBeNull();
});

test.each(["", "a b", "a\nmachine x", 'a"b', "a\\b", "#a", "ä", "x".repeat(1025)])(
  "%j is refused",
  (text) => {
    expect(parseLoginPart(text).ok).toBe(false);
  },
);

test.each(["ghp_abcDEF123", "glpat-x_y.z", "gitlab+deploy-token-1", "p@ss:w0rd!#"])(
  "%s is accepted",
  (text) => {
    expect(parseLoginPart(text)).toEqual({ ok: true, value: text });
  },
);
