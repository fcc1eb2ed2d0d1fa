/** Verifies webhook secrets over the raw bytes, in constant time; pure. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { WebhookRequest } from "./forge.ts";

/** The hex HMAC-SHA256 of the body, as most forges send it, with or without `sha256=` before it. */
export function isSignedHex(shown: string | null, body: Buffer, secret: string): boolean {
  const hex = /^(?:sha256=)?([0-9a-f]{64})$/i.exec(shown ?? "")?.[1];
  const right = createHmac("sha256", secret).update(body).digest();
  return hex !== undefined && timingSafeEqual(Buffer.from(hex, "hex"), right);
}

/** The plain secret. */
export function isSecret(shown: string | null, secret: string): boolean {
  return shown !== null && timingSafeEqual(sha256(shown), sha256(secret));
}

const prefix = "whsec_";

/** Parses a secret of https://www.standardwebhooks.com. */
export function isStandardSecret(secret: string): boolean {
  return secret.startsWith(prefix);
}

/** The largest age of a signature, which bounds clock skew and replays. */
const ageMaxMs = 5 * 60_000;

/** Signed as in https://www.standardwebhooks.com: with id and time, each signature as `v1,<base64>`. */
export function isSignedStandard({ header, body, now }: WebhookRequest, secret: string): boolean {
  const id = header("webhook-id") ?? "";
  const at = header("webhook-timestamp") ?? "";
  const key = Buffer.from(secret.slice(prefix.length), "base64");
  const right = createHmac("sha256", key).update(`${id}.${at}.`).update(body).digest();
  const isTimely = /^\d{1,12}$/.test(at) && Math.abs(now.getTime() - Number(at) * 1_000) <= ageMaxMs;
  const shown = (header("webhook-signature") ?? "").split(" ").slice(0, 16);
  return shown.some((each) => isBase64Of(right, each)) && isTimely && id !== "";
}

function isBase64Of(right: Buffer, signature: string): boolean {
  const base64 = /^v1,([A-Za-z0-9+/]{43}=)$/.exec(signature)?.[1];
  return base64 !== undefined && timingSafeEqual(Buffer.from(base64, "base64"), right);
}

/** RFC 7617; the user name is ignored. */
export function passwordOf(authorization: string | null): string | null {
  const base64 = /^Basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(authorization ?? "")?.[1];
  return base64 === undefined
    ? null
    : (/:(.*)$/s.exec(Buffer.from(base64, "base64").toString())?.[1] ?? null);
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
