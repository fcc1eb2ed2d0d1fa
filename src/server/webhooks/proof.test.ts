import { expect, test } from "vitest";
import { isSecret, isSignedHex, isSignedStandard, passwordOf } from "./proof.ts";

test("GitHub's own test vector", () => {
  const hex = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
  const [body, secret] = [Buffer.from("Hello, World!"), "It's a Secret to Everybody"];
  expect(isSignedHex(`sha256=${hex}`, body, secret)).toBe(true);
  expect(isSignedHex(hex, body, secret)).toBe(true);
  for (const wrong of [null, "", "sha256=", `sha1=${hex}`, hex.slice(1), `${hex}0`, hex.replace("7", "8")])
    expect(isSignedHex(wrong, body, secret)).toBe(false);
});

test("the test vector of Standard Webhooks, as long as it is fresh", () => {
  const headers = new Map([
    ["webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"],
    ["webhook-timestamp", "1614265330"],
    ["webhook-signature", "v1,AAAA v1a,x v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="],
  ]);
  const isSigned = (at: number, changes: readonly [string, string | null][] = []) =>
    isSignedStandard(
      {
        header: (name) => new Map<string, string | null>([...headers, ...changes]).get(name) ?? null,
        body: Buffer.from('{"test": 2432232314}'),
        now: new Date(at * 1_000),
      },
      "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    );
  expect(isSigned(1_614_265_330)).toBe(true);
  expect(isSigned(1_614_265_330 + 300)).toBe(true);
  expect(isSigned(1_614_265_330 + 301)).toBe(false);
  expect(isSigned(1_614_265_330 - 301)).toBe(false);
  for (const name of headers.keys()) {
    expect(isSigned(1_614_265_330, [[name, null]])).toBe(false);
    expect(isSigned(1_614_265_330, [[name, "1614265331"]])).toBe(false);
  }
});

test("a token is the secret and nothing else", () => {
  expect(isSecret("abc", "abc")).toBe(true);
  for (const wrong of [null, "", "ab", "abcd", "ABC"]) expect(isSecret(wrong, "abc")).toBe(false);
});

test("the password of basic authorization, whatever the name", () => {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
  expect(passwordOf(basic("anyone:a:b"))).toBe("a:b");
  expect(passwordOf(basic(":x"))).toBe("x");
  for (const wrong of [null, "", "Bearer abc", "Basic", "Basic !!!", basic("no colon")])
    expect(passwordOf(wrong)).toBeNull();
});
