import { createPrivateKey, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { makeSelfSigned } from "./self-signed.ts";

const now = new Date("2026-11-24T12:00:00Z");
const made = makeSelfSigned(
  ["web1.example.org", "bad name", "localhost"],
  ["192.0.2.1", "fd00::1:2", "no"],
  now,
);
const certificate = new X509Certificate(made.cert);

test("it is signed with its own key", () => {
  expect(certificate.checkPrivateKey(createPrivateKey(made.key))).toBe(true);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
});

test("it is for a server of these names and addresses, and is no CA", () => {
  expect(certificate.subject).toBe("CN=web1.example.org");
  expect(certificate.checkHost("web1.example.org")).toBe("web1.example.org");
  expect(certificate.checkHost("localhost")).toBe("localhost");
  expect(certificate.checkIP("192.0.2.1")).toBe("192.0.2.1");
  expect(certificate.checkIP("fd00::1:2")).toBe("fd00::1:2");
  expect(certificate.checkHost("web2.example.org")).toBeUndefined();
  expect(certificate.ca).toBe(false);
});

test("it is good for ten years, for slow clocks too", () => {
  expect(certificate.validFromDate).toEqual(new Date("2026-11-23T12:00:00Z"));
  expect(certificate.validToDate).toEqual(new Date("2036-11-24T12:00:00Z"));
  const late = new X509Certificate(makeSelfSigned(["a"], [], new Date("2045-01-01T00:00:00Z")).cert);
  expect(late.validToDate).toEqual(new Date("2055-01-01T00:00:00Z"));
});

test("each is another one", () => {
  expect(new X509Certificate(makeSelfSigned(["a"], [], now).cert).serialNumber).not.toBe(
    certificate.serialNumber,
  );
});

test("a long name is cut where a certificate cuts it", () => {
  const long = `${"a".repeat(80)}.example.org`;
  const cut = new X509Certificate(makeSelfSigned([long], [], now).cert);
  expect(cut.subject).toBe(`CN=${"a".repeat(64)}`);
  expect(cut.checkHost(long)).toBe(long);
});
