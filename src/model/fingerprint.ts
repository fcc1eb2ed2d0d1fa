/** Fingerprints of keys and certificates. */
import { hash } from "node:crypto";

/** SHA-256, as `SHA256:…` in base64 without padding, like ssh. */
export function fingerprintOf(bytes: Buffer): string {
  return `SHA256:${hash("sha256", bytes, "base64").replaceAll("=", "")}`;
}
