/** Tokens and the audit trail, in the shapes of the API. */
import type { Audit, Tokens } from "../api/host.ts";
import type { AuditEntry, TokenRow } from "../api/shapes.ts";
import type { AuditRecord, AuditTrail } from "../history/audit-trail.ts";
import type { TokenFile, TokenRecord } from "../history/token-file.ts";
import { harmless } from "../model/text/harmless.ts";
import { maskSecrets } from "../model/text/mask.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";

export function createTokens(file: TokenFile, clock: Clock): Tokens {
  return {
    create({ by, ...wanted }) {
      const now = clock.now();
      if (wanted.expiresAt !== null && wanted.expiresAt <= now)
        return { ok: false, why: "refused", message: "A token cannot expire in the past" };
      const made = file.create({ ...wanted, createdBy: by }, now);
      if (made !== null) return { ok: true, token: made.token, row: tokenRow(made.record) };
      return { ok: false, why: "refused", message: whyNotCreated(wanted.name, file) };
    },
    list: () => file.list().map(tokenRow),
    revoke: (which) =>
      file.revoke(which, clock.now())
        ? { ok: true, message: `Token ${which} is revoked` }
        : {
            ok: false,
            why: "unknown",
            message: `There is no token "${which}", or it is already revoked; gitopperctl token list shows all`,
          },
    check: (token) => file.check(token, clock.now()),
  };
}

function whyNotCreated(name: string, file: TokenFile): string {
  const inUse = file.list().some((token) => token.name === name && token.revokedAt === null);
  return inUse
    ? `There is already a token "${name}"; choose another name, or first run: gitopperctl token revoke ${name}`
    : "There are too many tokens, including revoked ones";
}

function tokenRow({ id, name, role, createdBy, ...times }: TokenRecord): TokenRow {
  return {
    id,
    name,
    role,
    createdBy,
    createdAt: times.createdAt.toISOString(),
    expiresAt: times.expiresAt?.toISOString() ?? null,
    lastUsedAt: times.lastUsedAt?.toISOString() ?? null,
    revokedAt: times.revokedAt?.toISOString() ?? null,
  };
}

const refusalsMaxPerMinute = 60;
const whatMaxChars = 300;

/** A refused request costs its sender nothing, so only so many of them are recorded in a minute. */
export function createAudit(trail: AuditTrail, clock: Clock, log: Log): Audit {
  const refusals = { minute: 0, count: 0 };
  const isTooMuch = (): boolean => {
    const minute = Math.floor(clock.monotonicMs() / 60_000);
    if (refusals.minute !== minute) Object.assign(refusals, { minute, count: 0 });
    return ++refusals.count > refusalsMaxPerMinute;
  };
  return {
    record(entry) {
      if (entry.status >= 400 && isTooMuch()) return;
      const [who, what, reason, result] = [
        ...[entry.who, entry.what.slice(0, whatMaxChars), entry.reason, entry.result],
      ].map((text) => harmless(maskSecrets(text))) as [string, string, string, string];
      trail.record({ ...entry, who, what, reason, result, at: clock.now() });
      const { door, from, status } = entry;
      log.info(`${who} (${door}, ${from}): ${what} → ${status}${reason ? `; ${reason}` : ""}`);
    },
    list: (page) => trail.list(page).map(auditEntry),
  };
}

function auditEntry({ at, door, ...rest }: AuditRecord): AuditEntry {
  return { ...rest, door: door as AuditEntry["door"], at: at.toISOString() };
}
