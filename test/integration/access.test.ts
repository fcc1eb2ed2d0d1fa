import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createAudit, createTokens } from "../../src/control/tokens.ts";
import { AuditTrail } from "../../src/history/audit-trail.ts";
import { EventLog } from "../../src/history/event-log.ts";
import { StateFile } from "../../src/history/state-file.ts";
import { TokenFile } from "../../src/history/token-file.ts";
import type { Commit } from "../../src/model/commit.ts";
import type { Progress } from "../../src/model/deployment/progress.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { createLog } from "../../src/platform/log.ts";

const scratch = mkdtempSync(join(tmpdir(), "gitopper-access-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let files = 0;
const aPath = () => join(scratch, `${files++}.db`);
const now = new Date("2026-11-24T12:00:00Z");
const later = (ms: number) => new Date(now.getTime() + ms);
const asked = { name: "ci", role: "read", createdBy: "root", expiresAt: null } as const;

function made<T>(value: T | null): T {
  if (value === null) throw new Error("nothing was made");
  return value;
}

test("a token is known until it is revoked, also after a restart, and its secret is nowhere on disk", () => {
  const path = aPath();
  const file = new StateFile(path);
  const { token, record } = made(new TokenFile(file).create(asked, now));
  expect(token).toMatch(/^gitopper_[0-9a-f]{12}_[\w-]{43}$/);
  const secret = token.slice(-43);
  file.close();
  expect(readFileSync(path).includes(secret)).toBe(false);

  const again = new StateFile(path);
  const tokens = new TokenFile(again);
  expect(tokens.check(token, later(1))).toMatchObject({ id: record.id, name: "ci", role: "read" });
  expect(tokens.list()).toMatchObject([{ lastUsedAt: later(1), revokedAt: null }]);
  expect(tokens.revoke("ci", later(2))).toBe(true);
  expect(tokens.check(token, later(3))).toBeNull();
  expect(tokens.revoke("ci", later(4))).toBe(false);
  again.close();
});

test.each([
  ["another secret", (token: string) => `${token.slice(0, -43)}${"A".repeat(43)}`],
  ["another id", (token: string) => token.replace(/_[0-9a-f]{12}_/, "_000000000000_")],
  ["no token at all", () => "Basic x"],
  ["one that goes on", (token: string) => `${token}x`],
])("%s is not known", (_, change) => {
  const file = new StateFile(aPath());
  const tokens = new TokenFile(file);
  const { token } = made(tokens.create(asked, now));
  expect(tokens.check(change(token), now)).toBeNull();
  expect(tokens.list()).toMatchObject([{ lastUsedAt: null }]);
  file.close();
});

test("a token ends when it expires, and frees no name of one that lives", () => {
  const file = new StateFile(aPath());
  const tokens = new TokenFile(file);
  const { token } = made(tokens.create({ ...asked, expiresAt: later(1_000) }, now));
  expect(tokens.check(token, later(999))).not.toBeNull();
  expect(tokens.check(token, later(1_000))).toBeNull();
  expect(tokens.create(asked, now)).toBeNull();
  tokens.revoke("ci", now);
  expect(tokens.create(asked, now)).not.toBeNull();
  file.close();
});

test("a token that cannot be created or revoked says why, and what to do", () => {
  const file = new StateFile(aPath());
  const tokens = createTokens(new TokenFile(file), systemClock);
  const ci = { name: "ci", role: "read", by: "root", expiresAt: null } as const;
  expect(tokens.create(ci)).toMatchObject({ ok: true });
  expect(tokens.create(ci)).toMatchObject({
    message: 'There is already a token "ci"; choose another name, or first run: gitopperctl token revoke ci',
  });
  expect(tokens.revoke("nope")).toMatchObject({
    message: 'There is no token "nope", or it is already revoked; gitopperctl token list shows all',
  });
  file.close();
});

test("the audit trail comes newest first, in pages, and is there after a restart", () => {
  const path = aPath();
  const file = new StateFile(path);
  const trail = new AuditTrail(file);
  const entry = { who: "root", from: "local", door: "socket", credential: "", reason: "", status: 200 };
  for (const what of ["POST /1", "POST /2", "POST /3"]) trail.record({ ...entry, what, result: "", at: now });
  file.close();

  const again = new StateFile(path);
  const pages = new AuditTrail(again);
  const first = pages.list({ before: null, limit: 2 });
  expect(first).toMatchObject([{ what: "POST /3", at: now }, { what: "POST /2" }]);
  expect(pages.list({ before: first[1]?.id ?? 0, limit: 2 })).toMatchObject([{ what: "POST /1" }]);
  again.close();
});

test("in the audit trail what was done and what was refused push out their own kind alone", () => {
  const file = new StateFile(aPath());
  const trail = new AuditTrail(file, { done: 1, refused: 2 });
  const entry = { who: "x", from: "local", door: "http", credential: "", reason: "", result: "", at: now };
  for (const what of ["done 1", "done 2"]) trail.record({ ...entry, what, status: 200 });
  for (const what of ["no 1", "no 2", "no 3"]) trail.record({ ...entry, what, status: 403 });
  const left = trail.list({ before: null, limit: 9 }).map(({ what }) => what);
  expect(left).toEqual(["no 3", "no 2", "done 2"]);
  file.close();
});

const event = (service: string, text: string) =>
  ({ at: now, type: "state-changed", service, text, commit: null, state: "OK", reason: null }) as const;

const progress: Progress = {
  ...{
    service: "app",
    commit: "a".repeat(40) as Commit,
    trigger: "poll",
    by: "",
    step: "publish",
    detail: "",
  },
  ...{ since: now, stepSince: now, probe: "" },
};

test("a follower gets what it missed, then what is new, and ends when it hangs up", async () => {
  const file = new StateFile(aPath());
  const log = new EventLog(file);
  for (const text of ["one", "two", "three"]) log.append(event("app", text));
  const hangUp = new AbortController();
  const seen: string[] = [];
  for await (const told of log.follow(1, hangUp.signal)) {
    const text = "text" in told ? told.text : told.step;
    seen.push(text);
    if (text === "three") {
      log.announce(progress);
      log.append(event("app", "four"));
    }
    if (text === "four") hangUp.abort();
  }
  expect(seen).toEqual(["two", "three", "publish", "four"]);
  file.close();
});

test("a caller with an unknown event id gets only new events", async () => {
  const file = new StateFile(aPath());
  const log = new EventLog(file);
  log.append(event("app", "old"));
  for (const after of [log.newest(), 999]) {
    const followed = log.follow(after, AbortSignal.timeout(10_000));
    const first = followed.next();
    log.append(event("app", `new ${after}`));
    expect((await first).value).toMatchObject({ text: `new ${after}` });
    await followed.return(undefined);
  }
  expect(log.list({ after: 1, limit: 1, service: null })).toMatchObject([{ text: "new 1" }]);
  expect(log.list({ after: 0, limit: 9, service: "other" })).toEqual([]);
  file.close();
});

test("refused requests cannot control the terminal of a reader of the audit trail or the log", () => {
  const file = new StateFile(aPath());
  const trail = new AuditTrail(file);
  const lines: string[] = [];
  const audit = createAudit(
    trail,
    systemClock,
    createLog({ debug: false }, (line) => void lines.push(line)),
  );
  const hostile = "\u001b]0;x\u0007\r\n<3>gitopper: forged\u202e\u2028";
  const entry = { who: `key ${hostile}`, from: "::1", door: "ssh", credential: "", status: 400 } as const;
  audit.record({ ...entry, what: `POST /x${hostile}`, reason: hostile, result: hostile });
  const [kept] = audit.list({ before: null, limit: 1 });
  expect([kept?.who, kept?.what, kept?.reason, kept?.result].join()).toMatch(/^[\x20-\x7e]+$/);
  expect(lines).toEqual([expect.stringMatching(/^[\x20-\x7e→]+\n$/)]);
  file.close();
});
