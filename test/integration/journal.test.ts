import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, test } from "vitest";
import { BadCommits } from "../../src/history/bad-commits.ts";
import { Journal } from "../../src/history/journal.ts";
import { StateFile } from "../../src/history/state-file.ts";
import type { Commit } from "../../src/model/commit.ts";
import type { Trigger } from "../../src/model/deployment/deployment.ts";
import { noFiles, type Phase } from "../../src/model/deployment/phase.ts";
import type { Event, Publish } from "../../src/model/event.ts";
import type { AbsPath } from "../../src/model/path.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { Records } from "../../src/reconcile/records.ts";

const scratch = mkdtempSync(join(tmpdir(), "gitopper-journal-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A journal that can be closed, as when its daemon ends. */
function openJournal(path: string): Journal & { close(): void; readonly badCommits: BadCommits } {
  const file = new StateFile(path);
  return Object.assign(new Journal(file), {
    badCommits: new BadCommits(file),
    close: () => file.close(),
  });
}

function aLedger(journal: ReturnType<typeof openJournal>, publish: Publish = () => {}): Records {
  return new Records({ journal, badCommits: journal.badCommits }, { publish, keep: () => {} }, systemClock);
}

let files = 0;
const aPath = () => join(scratch, `${files++}.db`);
const a = "a".repeat(40) as Commit;
const b = "b".repeat(64) as Commit;
const place = {
  checkout: "/srv/app" as AbsPath,
  store: "/var/lib/gitopper/stores/x-1" as AbsPath,
  user: "root",
};
const aStart = (to: Commit, from: Commit | null = null) =>
  ({
    service: "app",
    from,
    to,
    trigger: "poll",
    by: "",
    startedAt: new Date(),
    mounts: ["/etc/app" as AbsPath],
    phase: { at: "publishing", to, result: "running" },
  }) as const;
const reached = (commit: Commit, phase: Phase = { at: "verified", head: commit }) =>
  ({ commit, phase, links: "[]", origin: "x main" }) as const;
const asDone = (to: Commit, result: "done" | "failed" = "done") =>
  ({
    ...aStart(to),
    result,
    reason: result === "done" ? "" : "no",
    failedAt: null,
    evidence: null,
    tookMs: 5,
  }) as const;

/** Runs one statement in a state file that no process has open. */
function inFile(path: string, statement: string): unknown {
  const db = new DatabaseSync(path);
  try {
    return db.prepare(statement).get();
  } finally {
    db.close();
  }
}

test("states, holds, deployments and mounts are there after a restart", async () => {
  const path = aPath();
  const journal = openJournal(path);
  const records = aLedger(journal);
  records.register("app", place);
  await records.end(await records.begin(aStart(a)), asDone(a), reached(a));
  records.apply("app", { type: "rollback", to: b, by: "ci", reason: "bad", at: new Date() });
  records.apply("app", { type: "freeze", by: "root", reason: "", until: new Date(), at: new Date() });
  const before = records.get("app");
  journal.close();

  const reopened = openJournal(path);
  const again = aLedger(reopened);
  again.register("app", place);
  expect(again.get("app")).toEqual(before);
  expect(again.mounts("app")).toEqual(["/etc/app"]);
  expect(reopened.deployments("app", { before: null, limit: 10 })).toMatchObject([
    { from: null, to: a, result: "done", tookMs: 5 },
  ]);
  expect(statSync(path).mode & 0o077).toBe(0);
  reopened.close();
});

test("a deployment that was cut off is still begun, and going on with it is no further try", () => {
  const path = aPath();
  const cutOff = openJournal(path);
  cutOff.begin(aStart(a));
  cutOff.close();
  const journal = openJournal(path);
  expect(journal.last("app")).toMatchObject({ to: a, result: "running" });
  expect(journal.begin(aStart(a))).toBe(journal.last("app")?.id);
  expect(journal.begin(aStart(b))).toBe(journal.last("app")?.id);
  expect(journal.deployments("app", { before: null, limit: 10 })).toMatchObject([
    { to: a, result: "interrupted", reason: "the daemon ended", tries: 1 },
  ]);
  journal.close();
});

test("a deployment keeps the author of its request through automatic retries, until another request comes", async () => {
  const journal = openJournal(aPath());
  const records = aLedger(journal);
  records.register("app", place);
  const nothing = { commit: null, phase: noFiles, links: "", origin: "" };
  const attempt = async (trigger: Trigger, by: string) =>
    records.end(
      await records.begin({ ...aStart(b), trigger, by }),
      { ...asDone(b, "failed"), trigger, by },
      nothing,
    );
  const told = () => journal.deployments("app", { before: null, limit: 10 });
  await attempt("pull", "ann");
  await attempt("poll", "");
  expect(told()).toMatchObject([{ trigger: "pull", by: "ann", tries: 2 }]);
  await attempt("pull", "bob");
  expect(told()).toMatchObject([{ trigger: "pull", by: "bob", tries: 3 }]);
  journal.close();
});

test("a state file from before that was kept is read, and goes on", () => {
  const path = aPath();
  const journal = openJournal(path);
  journal.begin(aStart(a));
  journal.close();
  inFile(path, "ALTER TABLE deployments DROP COLUMN by");
  inFile(path, "DROP TABLE host_before");
  inFile(path, "ALTER TABLE events DROP COLUMN reason");
  inFile(path, "ALTER TABLE services DROP COLUMN phase");
  inFile(path, "ALTER TABLE services ADD COLUMN head TEXT");
  inFile(path, "PRAGMA user_version = 4");
  const again = openJournal(path);
  expect(again.last("app")).toMatchObject({ to: a, by: "" });
  again.begin({ ...aStart(a), trigger: "pull", by: "ann" });
  expect(again.last("app")).toMatchObject({ to: a, by: "ann" });
  again.close();
});

test("the state file has one owner", () => {
  const path = aPath();
  const journal = openJournal(path);
  expect(() => openJournal(path)).toThrow(/locked/);
  journal.close();
});

test("a state file of a newer gitopper is refused and stays as it is", () => {
  const path = aPath();
  openJournal(path).close();
  inFile(path, "PRAGMA user_version = 99");
  expect(() => openJournal(path)).toThrow(/^A newer gitopper wrote it \(version 99, .*update gitopper/);
  expect(inFile(path, "PRAGMA user_version")).toEqual({ user_version: 99 });
});

test.each(["ABORT", "ROLLBACK"])(
  "a write that fails with %s is reported as such, and the next one works",
  (how) => {
    const path = aPath();
    openJournal(path).close();
    const full = `SELECT RAISE(${how}, 'database or disk is full')`;
    inFile(
      path,
      `CREATE TRIGGER full BEFORE INSERT ON deployments WHEN NEW.service = 'app' BEGIN ${full}; END`,
    );
    const journal = openJournal(path);
    for (let tries = 0; tries < 2; tries += 1) expect(() => journal.begin(aStart(a))).toThrow(/disk is full/);
    expect(journal.mounts("app")).toEqual([]);
    journal.begin({ ...aStart(a), service: "other" });
    expect(journal.last("other")).toMatchObject({ to: a });
    journal.close();
  },
);

test("a repeated failure does not push the earlier deployments out of the history", async () => {
  const journal = openJournal(aPath());
  const records = aLedger(journal);
  records.register("app", place);
  await records.end(await records.begin(aStart(a)), asDone(a), reached(a));
  for (let tries = 0; tries < 5; tries += 1) {
    const phase = { at: "told", to: b, result: "failed", head: b } as const;
    await records.end(await records.begin(aStart(b, a)), asDone(b, "failed"), reached(a, phase));
  }
  expect(
    journal.deployments("app", { before: null, limit: 10 }).map(({ to, result }) => [to, result]),
  ).toEqual([
    [b, "failed"],
    [a, "done"],
  ]);
  journal.close();
});

test("a change is published once, and nothing is published without a change", () => {
  const journal = openJournal(aPath());
  const events: Event[] = [];
  const records = aLedger(journal, (event) => events.push(event));
  records.register("app", place);
  const broken = { type: "failed", part: "host", reason: "no", code: "unit-failed", target: a } as const;
  records.apply("app", broken);
  records.apply("app", broken);
  expect(events.map((event) => event.type === "state-changed" && event.status.state.name)).toEqual([
    "DIFF",
    "BROKEN",
  ]);
  journal.close();
});

test("a bad commit and its reason are kept over a restart, until it is cleared", async () => {
  const path = aPath();
  const journal = openJournal(path);
  const records = aLedger(journal);
  records.register("app", place);
  const evidence = { output: "nginx: [emerg] unexpected end", journal: "" };
  const bad = { commit: a, verdict: "REFUSED", reason: "no", at: new Date(5_000) } as const;
  const { phase } = records.get("app");
  const begun = { at: "begun", to: a, result: "running", head: null } as const;
  const id = await records.begin({ ...aStart(a), phase: begun });
  const ended = { ...asDone(a, "failed"), failedAt: "check", evidence } as const;
  expect(records.get("app").phase).toEqual(begun);
  await records.end(id, ended, { ...records.get("app"), phase }, { fingerprint: "f", bad });
  journal.close();

  const reopened = openJournal(path);
  const again = aLedger(reopened);
  expect(again.badCommit("app", "f")).toEqual(bad);
  expect(again.badCommit("app", "g")).toBeNull();
  expect(again.hasBadCommits("web")).toBe(false);
  expect(reopened.last("app")).toMatchObject({ to: a, result: "failed" });
  expect(again.get("app").phase).toEqual(noFiles);
  expect(again.deployments("app", { before: null, limit: 1 })).toMatchObject([
    { failedAt: "check", evidence },
  ]);
  again.clearBadCommits("app");
  expect(again.hasBadCommits("app")).toBe(false);
  reopened.close();
});

test("heals of the last hour are counted over restarts, each by itself even after one that failed", async () => {
  const path = aPath();
  const first = openJournal(path);
  const records = aLedger(first);
  records.register("app", place);
  const heal = (at: string) =>
    ({ ...aStart(a, a), trigger: "heal", startedAt: new Date(at), isNew: true }) as const;
  await records.end(await records.begin(aStart(a)), asDone(a), reached(a));
  for (const at of ["2026-11-24T10:00:00Z", "2026-11-24T10:30:00Z", "2026-11-24T10:40:00Z"])
    await records.end(await records.begin(heal(at)), asDone(a, "failed"), reached(a));
  first.close();
  const journal = openJournal(path);
  const healsAt = (at: string) => {
    const until = new Date(at);
    return journal.heals("app", { after: new Date(until.getTime() - 3_600_000), until });
  };
  expect(["2026-11-24T10:45:00Z", "2026-11-24T11:10:00Z", "2026-11-24T11:45:00Z"].map(healsAt)).toEqual([
    3, 2, 0,
  ]);
  // A clock that was set back does not hold the service up.
  expect(healsAt("2026-11-23T10:00:00Z")).toBe(0);
  journal.close();
});

test("history and events name one trigger for all tries of a deployment", async () => {
  const journal = openJournal(aPath());
  const told: Event[] = [];
  const records = aLedger(journal, (event) => told.push(event));
  records.register("app", place);
  // What the start of the daemon has mounted, the first turn finishes.
  await records.begin({ ...aStart(a, a), trigger: "start" });
  const id = await records.begin({ ...aStart(a, a), trigger: "heal" });
  await records.end(id, { ...asDone(a), trigger: "heal" }, reached(a));
  const ended = told.flatMap((event) => (event.type === "deployment-ended" ? [event.deployment] : []));
  expect(ended).toMatchObject([{ trigger: "start" }]);
  expect(records.deployments("app", { before: null, limit: 9 })).toMatchObject([{ trigger: "start" }]);
  journal.close();
});
