import { generateKeyPairSync, sign } from "node:crypto";
import { expect, test } from "vitest";
import { findKey, fromWire, isSignedBy, parseKeyFile } from "./ssh-public-key.ts";

/** A blob of RFC 4253: fields with their lengths. */
function wire(...fields: readonly (Buffer | string)[]): Buffer {
  return Buffer.concat(
    fields.flatMap((field) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(field.length);
      return [length, Buffer.from(field)];
    }),
  );
}

const ed25519 = generateKeyPairSync("ed25519");
const x = Buffer.from(ed25519.publicKey.export({ format: "jwk" }).x ?? "", "base64url");
const blob = wire("ssh-ed25519", x);
const line = `ssh-ed25519 ${blob.toString("base64")}`;

function rsa(bits: number) {
  const pair = generateKeyPairSync("rsa", { modulusLength: bits });
  const { e = "", n = "" } = pair.publicKey.export({ format: "jwk" });
  const modulus = Buffer.concat([Buffer.from([0]), Buffer.from(n, "base64url")]);
  return { pair, blob: wire("ssh-rsa", Buffer.from(e, "base64url"), modulus) };
}

test("a line of ssh-keygen is a key with a comment and a fingerprint", () => {
  const known = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl github.com";
  expect(parseKeyFile(`# of the forge\n\n${known}\r\n`)).toMatchObject({
    ok: true,
    keys: [
      {
        ...{ type: "ssh-ed25519", comment: "github.com" },
        fingerprint: "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU",
      },
    ],
  });
  expect(parseKeyFile(`${line} a b\n${line}`)).toMatchObject({ keys: [{ comment: "a b" }, { comment: "" }] });
});

test.each([
  ["", "has no key"],
  ["# nothing\n", "has no key"],
  ["-----BEGIN OPENSSH PRIVATE KEY-----\n", "has a private key; give the public one"],
  ["---- BEGIN SSH2 PUBLIC KEY ----\n", "RFC 4716"],
  ["ssh-dss AAAA", "has a key of type ssh-dss; use one of ssh-ed25519, ecdsa-"],
  ["sk-ssh-ed25519@openssh.com AAAA", "has a key of type sk-ssh-ed25519@openssh.com; use one of"],
  ["ssh-ed25519-cert-v01@openssh.com AAAA", "has a certificate"],
  [`no-pty ${line}`, "no options before it"],
  ["hello", "is not a public key"],
  ["ssh-ed25519", "has a damaged key"],
  ["ssh-ed25519 !!!!", "has a damaged key"],
  [line.slice(0, -4), "has a damaged key"],
  [`ssh-rsa ${blob.toString("base64")}`, "has a damaged key of type ssh-rsa"],
  [`${line}\nhello`, "is not a public key"],
  [`${line}\n`.repeat(101), "has 101 keys; it may have 100"],
  [`ssh-rsa ${rsa(1024).blob.toString("base64")}`, "has an RSA key of 1024 bits"],
])("a file that starts with %j is refused", (text, why) => {
  expect(parseKeyFile(text)).toEqual({ ok: false, why: expect.stringContaining(why) });
});

test.each([
  ["nothing", Buffer.alloc(0)],
  ["a length that is too large", Buffer.from("ffffffff00", "hex")],
  ["another type", wire("ssh-dss", x)],
  ["an inherited name", wire("constructor", x)],
  ["a short key", wire("ssh-ed25519", x.subarray(1))],
  ["a point that is not on its curve", wire("ecdsa-sha2-nistp256", "nistp256", Buffer.alloc(65, 4))],
  ["another curve", wire("ecdsa-sha2-nistp256", "nistp384", Buffer.alloc(65, 4))],
  ["a huge modulus", wire("ssh-rsa", Buffer.from([1, 0, 1]), Buffer.alloc(4_000, 255))],
  ["many fields", wire("ssh-ed25519", x, "", "", "", "")],
])("%s over the wire is no key", (_what, bytes) => {
  expect(fromWire(bytes)).toBeNull();
});

const signed = Buffer.from("session and request");

test("a signature is good for its key and its text alone", () => {
  const key = fromWire(blob);
  const signature = sign(null, signed, ed25519.privateKey);
  if (key === null) throw new Error("no key");
  expect(isSignedBy(key, { signed, signature, hash: undefined })).toBe(true);
  expect(isSignedBy(key, { signed: Buffer.from("other"), signature, hash: undefined })).toBe(false);
  expect(isSignedBy(key, { signed, signature: Buffer.from("x"), hash: undefined })).toBe(false);
});

test("RSA signs with SHA-2, not with SHA-1", () => {
  const { pair, blob } = rsa(2048);
  const key = fromWire(blob);
  if (key === null) throw new Error("no key");
  const good = (hash: string, says: string | undefined) =>
    isSignedBy(key, { signed, signature: sign(hash, signed, pair.privateKey), hash: says });
  expect([good("sha256", "sha256"), good("sha512", "sha512")]).toEqual([true, true]);
  expect([good("sha1", undefined), good("sha1", "sha1"), good("sha1", "sha256")]).toEqual([
    false,
    false,
    false,
  ]);
});

test("a known key is found by its fingerprint", () => {
  const [first, second] = [fromWire(blob), fromWire(rsa(2048).blob)];
  if (first === null || second === null) throw new Error("no key");
  expect(findKey([second, first], first)).toBe(first);
  expect(findKey([second], first)).toBeNull();
});
