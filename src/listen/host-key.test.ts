import { expect, test } from "vitest";
import { makeHostKey, parseHostKey } from "./host-key.ts";

test("every host key that is made can be read", () => {
  for (let made = 0; made < 1_500; made += 1) {
    const { public: line, ...key } = makeHostKey();
    expect(parseHostKey(key.text)).toEqual(key);
    expect(Buffer.from(line.split(" ")[1] ?? "", "base64")).toHaveLength(51);
  }
});

test("what is no private ed25519 key of OpenSSH is damaged", () => {
  const { text, public: line } = makeHostKey();
  for (const damaged of ["", "no key", line, text.slice(0, 200)]) expect(parseHostKey(damaged)).toBeNull();
});
