/** Bearer tokens: only their hashes are kept. A token has 256 random bits, so its plain SHA-256 cannot be reversed. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { type Row, readInstant } from "./rows.ts";
import type { StateFile } from "./state-file.ts";

export interface TokenRecord {
  readonly id: string;
  readonly name: string;
  readonly role: "read" | "operate";
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

const secretBytes = 32;
const idBytes = 6;
/** How often the time of the last use is recorded. */
const useEveryMs = 60_000;
const tokensMax = 1_000;

/** `gitopper_<id>_<secret>`; scanners for leaked secrets recognise the prefix. */
const form = /^gitopper_([0-9a-f]{12})_([\w-]{43})$/;

export class TokenFile {
  readonly #file: StateFile;

  constructor(file: StateFile) {
    this.#file = file;
  }

  /** Null: the name is in use by a token that is not revoked, or there are too many tokens. */
  create(
    token: Pick<TokenRecord, "name" | "role" | "createdBy" | "expiresAt">,
    now: Date,
  ): { readonly token: string; readonly record: TokenRecord } | null {
    const secret = randomBytes(secretBytes).toString("base64url");
    const id = randomBytes(idBytes).toString("hex");
    const { name, role, createdBy, expiresAt } = token;
    const insert = `INSERT INTO tokens (id, name, role, hash, created_at, created_by, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)`;
    const row = [id, name, role, hashOf(secret), now.getTime(), createdBy, expiresAt?.getTime() ?? null];
    return this.#file.together(() => {
      const all = this.list();
      if (all.length >= tokensMax || all.some((token) => token.name === name && token.revokedAt === null))
        return null;
      this.#file.sql(insert).run(...row);
      const record = { id, ...token, createdAt: now, lastUsedAt: null, revokedAt: null };
      return { token: `gitopper_${id}_${secret}`, record };
    });
  }

  /** In the order of their creation. */
  list(): TokenRecord[] {
    return this.#file.sql("SELECT * FROM tokens ORDER BY created_at, id").all().map(readToken);
  }

  /** False: no token has this id or name, or it is revoked already. */
  revoke(which: string, now: Date): boolean {
    const { changes } = this.#file
      .sql("UPDATE tokens SET revoked_at = ? WHERE (id = ?2 OR name = ?2) AND revoked_at IS NULL")
      .run(now.getTime(), which);
    return Number(changes) > 0;
  }

  /** Null: the token is unknown, expired or revoked; each takes the same time. */
  check(token: string, now: Date): TokenRecord | null {
    const [, id = "", secret = ""] = form.exec(token) ?? [];
    const row = this.#file.sql("SELECT * FROM tokens WHERE id = ?").get(id);
    const kept = row?.hash instanceof Uint8Array ? row.hash : new Uint8Array(32);
    const same = timingSafeEqual(hashOf(secret), kept);
    if (!same || row === undefined) return null;
    const record = readToken(row);
    if (record.revokedAt !== null || (record.expiresAt !== null && record.expiresAt <= now)) return null;
    this.#used(record, now);
    return record;
  }

  #used({ id, lastUsedAt }: TokenRecord, now: Date): void {
    if (lastUsedAt !== null && Math.abs(now.getTime() - lastUsedAt.getTime()) < useEveryMs) return;
    this.#file.sql("UPDATE tokens SET last_used_at = ? WHERE id = ?").run(now.getTime(), id);
  }
}

function hashOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

function readToken(row: Row): TokenRecord {
  return {
    id: String(row.id),
    name: String(row.name),
    role: row.role === "operate" ? "operate" : "read",
    createdAt: new Date(Number(row.created_at)),
    createdBy: String(row.created_by),
    expiresAt: readInstant(row.expires_at),
    lastUsedAt: readInstant(row.last_used_at),
    revokedAt: readInstant(row.revoked_at),
  };
}
