/** A host for routes: healthy, without services, and accepting everything; a test overrides what it needs. */
import type { Answer, Audit, Host, Tokens } from "../../src/api/host.ts";
import type { AuditEntry, TokenRow } from "../../src/api/shapes.ts";

const at = "2026-11-24T12:00:00.000Z";
const yes = (message: string) => async (): Promise<Answer> => ({ ok: true, message });
const unknown = { ok: false, why: "unknown", message: "There is no such service on this host" } as const;

/** Tokens and audit may be given in part. */
export type HostOverrides = Partial<Omit<Host, "tokens" | "audit">> & {
  readonly tokens?: Partial<Tokens>;
  readonly audit?: Partial<Audit>;
};

export function aHost({ tokens = {}, audit = {}, ...overrides }: HostOverrides = {}): Host {
  return {
    machines: () => [],
    services: () => [],
    stuckReason: () => "",
    freeze: yes("it is frozen"),
    unfreeze: yes("it tracks its upstream again"),
    rollback: yes("it goes there"),
    pull: yes("it polls its upstream now"),
    aside: yes("it is unmounted"),
    resume: yes("it is mounted again"),
    release: yes("it is released"),
    about: () => ({
      hostname: "alpha",
      names: ["alpha"],
      version: "0.0.0",
      startedAt: at,
      now: at,
      services: 0,
      states: {},
      fingerprint: null,
    }),
    details: async () => [],
    detailsOf: async () => unknown,
    deployments: async () => unknown,
    ahead: async () => unknown,
    diff: async () => unknown,
    drift: async () => unknown,
    driftDiff: async () => unknown,
    plan: async () => unknown,
    unitLog: async () => unknown,
    doctor: async () => [],
    events: () => [],
    newestEvent: () => 0,
    followEvents: async function* () {},
    ...overrides,
    tokens: {
      create: () => ({ ok: false, why: "refused", message: "This host makes no tokens" }),
      list: () => [],
      revoke: () => ({ ok: true, message: "it is revoked" }),
      check: () => null,
      ...tokens,
    },
    audit: { record: () => {}, list: () => [], ...audit },
  };
}

/** The `tokens` of a host that knows these, by their text. */
export function tokensOf(
  known: Readonly<Record<string, Pick<TokenRow, "id" | "name" | "role">>>,
): Partial<Tokens> {
  return { check: (token) => (Object.hasOwn(known, token) ? (known[token] ?? null) : null) };
}

/** An `audit` whose entries can be read. */
export function anAudit(): Audit & { readonly entries: Omit<AuditEntry, "id" | "at">[] } {
  const entries: Omit<AuditEntry, "id" | "at">[] = [];
  return { entries, record: (entry) => void entries.push(entry), list: () => [] };
}
