/** Reads the secrets of webhooks, from files that only root can read or from systemd, and again when they change. */
import { readFileSync, type Stats, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { messageOf } from "../model/text/error-message.ts";
import type { SecretPlace, Webhook } from "../model/webhook.ts";
import { isOpen } from "../platform/files/root-file.ts";
import { realOf, untrustedPart } from "../platform/files/trust.ts";

const fileMaxBytes = 4 * 1024;
const secretMinChars = 16;

/** Paths in the config are relative to its directory. */
export function secretsBeside(configPath: string, webhooks: readonly Webhook[]): readonly Webhook[] {
  const place = (secret: SecretPlace): SecretPlace =>
    "file" in secret ? { file: resolve(dirname(configPath), secret.file) } : secret;
  return webhooks.map((webhook) => ({ ...webhook, secrets: webhook.secrets.map(place) }));
}

type SecretRead =
  | { readonly ok: true; readonly secret: string }
  /** Never contains any part of the secret. */
  | { readonly ok: false; readonly why: string };

/** Reads a secret as it is now. */
function readSecret(place: SecretPlace): SecretRead {
  try {
    return "file" in place ? readSecretFile(place.file) : readCredential(place.credential);
  } catch (error) {
    return { ok: false, why: `cannot be read: ${messageOf(error)}` };
  }
}

/** The secrets that cannot be used now, and why. */
export function secretsLeftOut(webhooks: readonly Webhook[]): readonly string[] {
  return webhooks.flatMap(({ name, secrets }) =>
    secrets.flatMap((place) => {
      const read = readSecret(place);
      return read.ok ? [] : [`webhook ${name}: ${nameOfPlace(place)} ${read.why}`];
    }),
  );
}

/** The name of a secret's location in messages. */
function nameOfPlace(place: SecretPlace): string {
  return "file" in place ? place.file : `credential ${place.credential}`;
}

function readSecretFile(path: string): SecretRead {
  const real = realOf(path);
  if (real === null) return { ok: false, why: "does not exist" };
  const seen = statSync(real);
  // A user who can read the secret could impersonate the forge.
  const open = untrustedPart(path) ?? untrustedPart(real) ?? (isOpen(seen, 0o077) ? real : null);
  if (open !== null)
    return { ok: false, why: `may be for root alone; look at owner and mode of ${JSON.stringify(open)}` };
  return parseSecret(real, seen);
}

/** systemd keeps credentials where no other service can read them. */
function readCredential(name: string): SecretRead {
  const directory = process.env.CREDENTIALS_DIRECTORY;
  if (!directory) return { ok: false, why: "is not there; give it to the unit with LoadCredential=" };
  const path = join(directory, name);
  return parseSecret(path, statSync(path));
}

function parseSecret(path: string, seen: Stats): SecretRead {
  if (!seen.isFile()) return { ok: false, why: "is not a file" };
  if (seen.size > fileMaxBytes) return { ok: false, why: `has more than ${fileMaxBytes} bytes` };
  const secret = readFileSync(path, "utf8").trim();
  if (/[\r\n]/.test(secret)) return { ok: false, why: "has several lines; a file has one secret" };
  return secret.length < secretMinChars
    ? { ok: false, why: `has fewer than ${secretMinChars} characters; make one with: openssl rand -hex 32` }
    : { ok: true, secret };
}

const readEveryMs = 1_000;

/** The secrets of one webhook. */
export class SecretRing {
  readonly #places: readonly SecretPlace[];
  readonly #report: (line: string) => void;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #reported = "";
  #secrets: readonly string[] = [];

  constructor(places: readonly SecretPlace[], report: (line: string) => void) {
    this.#places = places;
    this.#report = report;
  }

  /** Reads the files at most once per second, whatever the number of callers; reports each error once. */
  current(nowMs: number): readonly string[] {
    if (nowMs - this.#readAtMs < readEveryMs) return this.#secrets;
    this.#readAtMs = nowMs;
    const read = this.#places.map((place) => ({ place, found: readSecret(place) }));
    this.#secrets = read.flatMap(({ found }) => (found.ok ? [found.secret] : []));
    const faults = read.flatMap(({ place, found }) =>
      found.ok ? [] : [`${nameOfPlace(place)} ${found.why}`],
    );
    const line = faults.join("; ");
    if (line !== this.#reported && line !== "") this.#report(`${line}; what it is for does not come in`);
    this.#reported = line;
    return this.#secrets;
  }
}
