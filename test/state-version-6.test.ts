/** A state file of schema version 6 is read by the current code, and the daemon continues with it. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { AuditTrail } from "../src/history/audit-trail.ts";
import { BadCommits } from "../src/history/bad-commits.ts";
import { EventLog } from "../src/history/event-log.ts";
import { HostsBefore } from "../src/history/host-before.ts";
import { Journal } from "../src/history/journal.ts";
import { StateFile } from "../src/history/state-file.ts";
import { TokenFile } from "../src/history/token-file.ts";
import type { Commit } from "../src/model/commit.ts";
import { deploymentResults, triggers } from "../src/model/deployment/deployment.ts";
import { infoOf, reasonOf, stateNames } from "../src/model/state.ts";

const fixture = readFileSync(join(import.meta.dirname, "fixtures/state-v6.sql"), "utf8");

/** Opens a copy of the fixture, perhaps with changes, with today's code; disposing of it closes and removes it. */
function openFixture(changes = "") {
  const folder = mkdtempSync(join(tmpdir(), "gitopper-state-v6-"));
  const path = join(folder, "state.db");
  const db = new DatabaseSync(path);
  db.exec(fixture + changes);
  db.close();
  const file = new StateFile(path);
  const close = () => {
    file.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { file, journal: new Journal(file), [Symbol.dispose]: close };
}

const commit = (digit: string): string => digit.repeat(40);
const at = (time: string): Date => new Date(`2026-11-27T${time}:00Z`);
/** Of a host that never was. */
const prometheusToken = "gitopper_634948884d58_o1sEn-MX9Jc5em0mj2GIte7F_-ksihrKnzE-i3dPb4k";
const revokedToken = "gitopper_35f84bd5cacd_8iVJ3FdbK0va4qb67vx8gKSSVR1x4SaGZKnEzVqJkdw";
const page = { before: null, limit: 100 };

test("the fixture has every state, result, trigger and place of failure", () => {
  const db = new DatabaseSync(":memory:");
  db.exec(fixture);
  const column = (sql: string) =>
    db
      .prepare(sql)
      .all()
      .map((row) => Object.values(row)[0]);
  expect(column("PRAGMA user_version")).toEqual([6]);
  expect(column("SELECT DISTINCT json_extract(state, '$.name') FROM services").sort()).toEqual(
    [...stateNames].sort(),
  );
  const stored = triggers.map((trigger) => (trigger === "freeze-expired" ? "thaw" : trigger));
  expect(column("SELECT DISTINCT trigger FROM deployments").sort()).toEqual(stored.sort());
  expect(new Set(column("SELECT result FROM deployments"))).toEqual(new Set([...deploymentResults, null]));
  expect(new Set(column("SELECT failed_at FROM deployments"))).toEqual(
    new Set(["check", "files", "unit", "health", null]),
  );
  db.close();
});

test("the records have their commits, states, holds and what waits", () => {
  using opened = openFixture();
  const records = opened.journal.records();
  const seen = records.map(({ service, commit: has, state }) => [service, has, state.name, infoOf(state)]);
  expect(seen).toEqual([
    [
      "broken",
      commit("1"),
      "BROKEN",
      "Cannot reload broken.service: it has failed; waiting for a window: 22222222 will not be deployed within a year",
    ],
    [
      "broken-held",
      commit("1"),
      "BROKEN",
      `Cannot mount "/etc/x": it is a file (held, ROLLBACK: ${commit("5")} (by root until 2026-11-27 18:00 UTC))`,
    ],
    ["diff", null, "DIFF", 'Cannot fetch: there is no branch "main"'],
    [
      "diff-held",
      "e".repeat(64),
      "DIFF",
      `Cannot check out: no space left on device (held, by root: it's the "last" good one — really); waiting for a window: ffffffff will be deployed at 2026-11-27 21:00 UTC`,
    ],
    ["freeze", commit("1"), "FREEZE", "by alice until 2026-11-27 23:30 UTC: release week"],
    [
      "freeze-after-rollback",
      commit("3"),
      "FREEZE",
      `ROLLBACK: ${commit("3")} (by ci: bad release); drift: a mount is missing`,
    ],
    ["ok", commit("1"), "OK", ""],
    [
      "ok-waiting",
      commit("1"),
      "OK",
      "waiting for a window: 22222222 will be deployed at 2026-11-27 22:00 UTC; drift: 1 local edit: ok-waiting/etc/conf",
    ],
    ["rollback", commit("1"), "ROLLBACK", `ROLLBACK: ${commit("4")}`],
  ]);
});

test("states that were written without a code have a reason all the same", () => {
  using opened = openFixture();
  const reasons = opened.journal.records().map(({ service, state }) => [service, reasonOf(state)]);
  expect(Object.fromEntries(reasons)).toEqual({
    ...{ broken: "other", "broken-held": "other", diff: "other", "diff-held": "other" },
    ...{ freeze: "frozen", "freeze-after-rollback": "held-at-commit", rollback: "held-at-commit" },
    ...{ ok: null, "ok-waiting": "other" },
  });
});

test("a record has its places", () => {
  using opened = openFixture();
  const byName = new Map(opened.journal.records().map((record) => [record.service, record]));
  expect(byName.get("freeze")).toMatchObject({
    origin: "/var/lib/gitopper/stores/config-0123456789ab main",
    links: '["freeze/etc"]',
    checkout: "/var/lib/gitopper/checkouts/freeze",
    store: "/var/lib/gitopper/stores/config-0123456789ab",
    user: "root",
    changedAt: at("08:00"),
    enabled: true,
    state: { hold: { kind: "freeze", commit: null, since: at("09:00"), until: at("23:30") } },
  });
  expect(byName.get("rollback")).toMatchObject({ commit: commit("1") });
  expect(byName.get("diff")).toMatchObject({ origin: "", links: "", enabled: false });
});

test("the phase follows from the newest deployment whose files were visible", () => {
  using opened = openFixture();
  const phases = opened.journal.records().map(({ service, phase }) => [service, phase]);
  expect(Object.fromEntries(phases)).toEqual({
    broken: { at: "published", to: commit("2"), result: "running", head: commit("1") },
    "broken-held": { at: "published", to: commit("5"), result: "failed", head: commit("1") },
    diff: { at: "publishing", to: commit("c"), result: "running" },
    "diff-held": { at: "verified", head: "e".repeat(64) },
    // The deployment after it was refused.
    freeze: { at: "verified", head: commit("1") },
    "freeze-after-rollback": { at: "verified", head: commit("3") },
    ok: { at: "verified", head: commit("1") },
    "ok-waiting": { at: "verified", head: commit("1") },
    rollback: { at: "publishing", to: commit("4"), result: "running" },
  });
});

test("a service that was verified, or was unhealthy, keeps that its unit has been reloaded", () => {
  const phaseAfter = (result: string, head: string | null) => {
    const row = `UPDATE deployments SET result = '${result}', failed_at = 'health' WHERE id = 12;
      UPDATE services SET head = ${head === null ? "NULL" : `'${head}'`} WHERE service = 'broken';`;
    using opened = openFixture(row);
    return opened.journal.records().find(({ service }) => service === "broken")?.phase;
  };
  const to = commit("2");
  for (const result of ["failed", "superseded", "interrupted"])
    expect(phaseAfter(result, to)).toEqual({ at: "told", to, result, head: to });
  expect(phaseAfter("failed", null)).toEqual({ at: "publishing", to, result: "failed" });
});

test("the last deployment of each service is known, also without an end", () => {
  using opened = openFixture();
  const last = (service: string) => opened.journal.last(service);
  expect(last("ok")).toMatchObject({ id: 7, to: commit("1"), trigger: "heal", result: "done" });
  expect(last("freeze")).toMatchObject({ id: 9, to: commit("7"), result: "failed" });
  expect(last("rollback")).toMatchObject({ id: 11, to: commit("4"), result: "running", by: "bob" });
  expect(last("broken")).toMatchObject({ id: 12, to: commit("2"), result: "running" });
  expect(last("broken-held")).toMatchObject({ id: 14, result: "failed", by: "root" });
  expect(last("diff")).toMatchObject({ id: 15, to: commit("c"), trigger: "start", result: "running" });
  expect(last("diff-held")).toMatchObject({ id: 16, to: "e".repeat(64), trigger: "unfreeze" });
  expect(last("ok-waiting")).toBeNull();
});

test("the history has every ended deployment with its reason, tries and evidence", () => {
  using opened = openFixture();
  const rows = opened.journal.deployments("ok", page);
  const shown = rows.map(({ id, trigger, result, failedAt, tries }) => [
    id,
    trigger,
    result,
    failedAt,
    tries,
  ]);
  expect(shown).toEqual([
    [7, "heal", "done", null, 1],
    [6, "unfreeze", "interrupted", null, 1],
    [5, "revert", "superseded", null, 1],
    [4, "window", "failed", "health", 1],
    [3, "pull", "failed", "unit", 2],
    [2, "poll", "failed", "check", 1],
    [1, "start", "done", null, 1],
  ]);
  expect(rows.at(-1)).toMatchObject({ from: null, to: commit("6"), startedAt: at("10:00"), tookMs: 1235 });
  expect(rows.at(-2)?.evidence).toEqual({ output: 'nginx: [emerg] unexpected "}"\nline 2\n', journal: "" });
  expect(rows.at(3)).toMatchObject({
    reason: "ok.service failed after 2 s",
    evidence: { output: "", journal: "Nov 27 10:04:01 host ok[12]: it's broken; DROP TABLE x\n" },
  });
  expect(opened.journal.deployments("rollback", page).map(({ id }) => id)).toEqual([10]);
  expect(opened.journal.deployments("gone", page)).toMatchObject([{ id: 17, result: "done" }]);
  expect(opened.journal.heals("ok", { after: at("10:00"), until: at("11:00") })).toBe(1);
});

test("mounts are known, those of a service that left the config as well", () => {
  using opened = openFixture();
  const { journal } = opened;
  expect(journal.mounts("ok")).toEqual(["/etc/ok", "/etc/ok.d"]);
  expect(journal.sources("ok").sort()).toEqual([
    "254:1 /srv/checkouts/ok",
    "254:1 /var/lib/gitopper/checkouts/ok",
  ]);
  expect(["diff", "freeze", "gone", "rollback"].flatMap((service) => journal.mounts(service))).toEqual([
    "/etc/diff",
    "/etc/freeze",
    "/etc/gone",
    "/etc/rollback",
  ]);
});

test("bad commits, and what the host had before, are known", () => {
  using opened = openFixture();
  const bad = new BadCommits(opened.file);
  expect([...bad.all("ok")]).toEqual([
    [
      "fingerprint-1",
      {
        commit: commit("7"),
        verdict: "REFUSED",
        reason: "nginx -t ended with status 1",
        at: new Date("2026-11-27T10:01:02Z"),
      },
    ],
    [
      "fingerprint-2",
      {
        commit: commit("9"),
        verdict: "ROLLED BACK",
        reason: "ok.service failed after 2 s",
        at: new Date("2026-11-27T10:04:02Z"),
      },
    ],
  ]);
  expect([...bad.all("diff").values()]).toMatchObject([{ verdict: "UNDONE" }]);
  const before = new HostsBefore(opened.file);
  const made = [{ target: "/etc/diff/conf.d", top: "/etc/diff" }];
  expect(before.get("diff")).toEqual({ ran: true, disabled: false, made });
  expect(before.get("broken")).toEqual({ ran: false, disabled: true, made: [] });
  expect(before.get("ok")).toBeNull();
});

test("events, tokens and the audit trail are kept", () => {
  using opened = openFixture();
  const events = new EventLog(opened.file).list({ after: 0, limit: 100, service: null });
  expect(events.map(({ id, type, service, state }) => [id, type, service, state])).toEqual([
    [1, "state-changed", "ok", "OK"],
    [2, "deployment-ended", "ok", null],
    [3, "state-changed", "freeze", "FREEZE"],
    [4, "state-changed", "rollback", "ROLLBACK"],
    [5, "state-changed", "broken", "BROKEN"],
    [6, "state-changed", "diff", "DIFF"],
    [7, "service-removed", "gone", null],
  ]);
  const tokens = new TokenFile(opened.file);
  expect(tokens.list()).toMatchObject([
    { name: "prometheus", role: "read", expiresAt: new Date("2036-11-27Z"), lastUsedAt: at("07:30") },
    { name: "ci", role: "operate", createdBy: "alice", expiresAt: null, revokedAt: null },
    { name: "old-ci", role: "operate", revokedAt: at("07:40") },
  ]);
  expect(tokens.check(prometheusToken, at("12:00"))).toMatchObject({ name: "prometheus" });
  expect(tokens.check(revokedToken, at("12:00"))).toBeNull();
  expect(new AuditTrail(opened.file).list(page)).toMatchObject([
    { id: 2, who: "stranger", status: 401, result: "Unauthorized" },
    { id: 1, who: "alice", from: "192.0.2.7", door: "https", reason: "release week", at: at("09:00") },
  ]);
});

test("a deployment that was cut off goes on under its id, and ends", () => {
  using opened = openFixture();
  const { journal } = opened;
  const record = journal.records().find(({ service }) => service === "rollback");
  if (record === undefined) throw new Error("no record");
  const to = commit("4") as Commit;
  const why = { trigger: "start", by: "", startedAt: at("12:00") } as const;
  const id = journal.begin({
    service: "rollback",
    from: record.commit,
    to,
    ...why,
    mounts: [],
    phase: { at: "publishing", to, result: "running" },
  });
  expect(id).toBe(11);
  const outcome = { result: "done", reason: "", failedAt: null, evidence: null, tookMs: 5 } as const;
  journal.end(id, outcome, { ...record, commit: to, phase: { at: "verified", head: to } });
  expect(journal.deployments("rollback", page)[0]).toMatchObject({
    id,
    to,
    trigger: "rollback",
    by: "bob",
    result: "done",
    tries: 1,
  });
  expect(journal.records().find(({ service }) => service === "rollback")).toMatchObject({
    commit: to,
    phase: { at: "verified", head: to },
  });
});
