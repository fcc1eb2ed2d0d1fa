import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import { fromWire, type KnownKey } from "../../model/ssh-public-key.ts";
import { callerOf, judge } from "./login.ts";

const blob = Buffer.from("session and request");

function aKey() {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const x = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  const head = Buffer.from("\0\0\0\x0bssh-ed25519\0\0\0\x20", "latin1");
  return { data: Buffer.concat([head, x]), privateKey };
}

function known(data: Buffer, readOnly = false): KnownKey {
  const key = fromWire(data);
  if (key === null) throw new Error("no key");
  return { ...key, comment: "ops@desk", readOnly };
}

const [ops, stranger] = [aKey(), aKey()];
const keys = [known(ops.data)];

describe("a try to log in", () => {
  const shown = { method: "publickey", key: { data: ops.data } };
  const signed = (privateKey: KeyObject, text = blob) => ({
    ...shown,
    blob,
    signature: sign(null, text, privateKey),
  });

  test("is good with a signature by a known key, and of this session", () => {
    expect(judge(signed(ops.privateKey), keys)).toEqual({ is: "good", key: keys[0] });
    expect(judge(signed(stranger.privateKey), keys)).toEqual({ is: "wrong" });
    expect(judge(signed(ops.privateKey, Buffer.from("another session")), keys)).toEqual({ is: "wrong" });
    expect(judge({ ...shown, blob, signature: Buffer.alloc(0) }, keys)).toEqual({ is: "wrong" });
    expect(judge(signed(ops.privateKey), [])).toEqual({ is: "wrong" });
  });

  test("without a signature has to sign first, whether the key is known or not", () => {
    expect(judge(shown, keys)).toEqual({ is: "sign first" });
    expect(judge(shown, [])).toEqual({ is: "sign first" });
    expect(judge({ ...shown, key: { data: Buffer.from("nonsense") } }, keys)).toEqual({ is: "not that way" });
  });

  test.each(["password", "keyboard-interactive", "hostbased"])("with %s is wrong", (method) => {
    expect(judge({ ...signed(ops.privateKey), method }, keys)).toEqual({ is: "wrong" });
  });

  test("with none is of no consequence", () => {
    expect(judge({ method: "none" }, keys)).toEqual({ is: "not that way" });
  });
});

test("a caller is named as its key's comment says, or by its fingerprint", () => {
  const key = known(ops.data, true);
  const caller = { role: "read", door: "ssh", from: "192.0.2.1", credential: key.fingerprint };
  expect(callerOf(key, "192.0.2.1")).toEqual({ ...caller, who: "key ops@desk" });
  const nameless = { ...key, comment: "", readOnly: false };
  expect(callerOf(nameless, "192.0.2.1")).toEqual({
    ...caller,
    role: "operate",
    who: `key ${key.fingerprint}`,
  });
});
