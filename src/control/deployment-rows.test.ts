import { expect, test } from "vitest";
import { aDeployment, FakeRecords } from "../../test/builders/fake-records.ts";
import { old, target } from "../../test/builders/observed.ts";
import type { Git } from "../git/git.ts";
import type { KeptDeployment } from "../history/kept.ts";
import type { Commit } from "../model/commit.ts";
import { ExecFailure } from "../platform/process/exec.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import { deploymentRows } from "./deployment-rows.ts";

const page = { before: null, limit: 10 };
const store = { path: "/stores/config", account: { name: "root", uid: 0, gid: 0, home: "/root" } };
const managed = { store } as unknown as ManagedService;

type Loop = Parameters<typeof deploymentRows>[2];

function aLoop(gone: readonly Commit[] = []): Loop {
  return { managed: () => managed, kept: { isGone: (commit: Commit) => gone.includes(commit) } };
}

function rowsOf(deployments: readonly KeptDeployment[], git: () => Promise<unknown>, loop = aLoop()) {
  const records = new FakeRecords({ records: [], deployments });
  return deploymentRows("app", page, loop, { records, git: git as unknown as Git });
}

const log = async () => ({ stdout: `${target}\0${0}\0eve\0a subject\n` });

test("deployments have the words of those commits that the store has", async () => {
  const rows = await rowsOf([aDeployment(target), aDeployment(old)], log, aLoop([old]));
  expect(rows).toMatchObject([
    { to: target, subject: "a subject", author: "eve", startedAt: "2026-11-24T12:00:00.000Z" },
    { to: old, subject: null, author: null, gone: true },
  ]);
  expect(rows[0]).not.toHaveProperty("gone");
});

test("only a failed deployment says at which step it failed", async () => {
  const failed = aDeployment(target, {
    result: "failed",
    failedAt: "unit",
    evidence: { output: "o", journal: "j" },
  });
  const superseded = aDeployment(target, { result: "superseded", failedAt: "health" });
  expect(await rowsOf([failed, superseded], log)).toMatchObject([
    { failedAt: "unit", output: "o", journal: "j" },
    { failedAt: null, output: null, journal: null },
  ]);
});

test("deployments come without words when git fails, and a bug is not hidden", async () => {
  const failure = new ExecFailure(["git"], "git failed", 128, { stderr: "fatal: bad object" });
  expect(await rowsOf([aDeployment(target)], () => Promise.reject(failure))).toMatchObject([
    { subject: null },
  ]);
  await expect(rowsOf([aDeployment(target)], () => Promise.reject(new TypeError("a bug")))).rejects.toThrow(
    TypeError,
  );
});

test("git does not run for a service that is not set up", async () => {
  const git = () => Promise.reject(new Error("git ran"));
  const loop: Loop = { ...aLoop(), managed: () => undefined };
  expect(await rowsOf([aDeployment(target)], git, loop)).toMatchObject([{ subject: null }]);
});
