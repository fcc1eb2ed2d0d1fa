/** A certificate that a host signs for itself (RFC 5280): ECDSA on P-256, for ten years. */
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { addressBytes } from "../address.ts";
import { bits, octets, oid, positive, sequence, set, time, tlv, utf8, yes } from "./der.ts";

const years = 10;
const dayMs = 86_400_000;
const commonNameMaxChars = 64;

/** Makes a key (PKCS #8) and a certificate for these names and addresses, in PEM; the first name is the subject. */
export function makeSelfSigned(names: readonly string[], addresses: readonly string[], now: Date) {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = sequence(
    set(sequence(oid("2.5.4.3"), utf8((names[0] ?? "gitopper").slice(0, commonNameMaxChars)))),
  );
  const algorithm = sequence(oid("1.2.840.10045.4.3.2"));
  const until = new Date(now);
  until.setUTCFullYear(now.getUTCFullYear() + years);
  const toBeSigned = sequence(
    tlv(0xa0, positive(Buffer.from([2]))),
    positive(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    name,
    // For clients with a slow clock.
    sequence(time(new Date(now.getTime() - dayMs)), time(until)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, extensions(names, addresses)),
  );
  const signature = sign("sha256", toBeSigned, privateKey);
  return {
    cert: toPem(sequence(toBeSigned, algorithm, bits(signature))),
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** Not a CA; only for signatures of a TLS server. */
function extensions(names: readonly string[], addresses: readonly string[]): Buffer {
  const digitalSignature = bits(Buffer.from([0x80]), 7);
  const alternatives = [
    ...names.filter((name) => /^[\w.-]+$/.test(name)).map((name) => tlv(0x82, Buffer.from(name))),
    ...addresses.map(addressBytes).flatMap((bytes) => (bytes ? [tlv(0x87, bytes)] : [])),
  ];
  return sequence(
    sequence(oid("2.5.29.19"), yes, octets(sequence())),
    sequence(oid("2.5.29.15"), yes, octets(digitalSignature)),
    sequence(oid("2.5.29.37"), octets(sequence(oid("1.3.6.1.5.5.7.3.1")))),
    sequence(oid("2.5.29.17"), octets(sequence(...alternatives))),
  );
}

function toPem(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
