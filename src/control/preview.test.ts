import { expect, test } from "vitest";
import { aUnit as aSystemdUnit } from "../../test/builders/a-unit.ts";
import { aRecord, FakeRecords } from "../../test/builders/fake-records.ts";
import { aService, aUnit, changed, old, seen, target } from "../../test/builders/observed.ts";
import type { Git } from "../git/git.ts";
import type { Commit } from "../model/commit.ts";
import { Problem } from "../model/problem.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import type { UpstreamView } from "../rollout/target.ts";
import { commitsAhead, differenceTo, planFor } from "./preview.ts";

type PlanPorts = Parameters<typeof planFor>[3];
type Loop = Parameters<typeof planFor>[2];

const at = new Date("2026-11-24T12:00:00Z");
const managed = {
  service: aService(),
  store: { path: "/stores/config", account: { name: "root", uid: 0, gid: 0, home: "/root" } },
  history: {},
} as unknown as ManagedService;
const known = (tips: Record<string, Commit>): UpstreamView => ({
  is: "known",
  tips: new Map(Object.entries(tips)),
  at,
});

/** A loop whose upstream answers so; `polls` has the polls. */
function aLoop(view: UpstreamView, stale = "") {
  const polls: string[] = [];
  const loop: Loop = {
    view,
    pollForPeople: async (_, fresh) => {
      polls.push(fresh);
      return { view, stale };
    },
  };
  return { loop, polls };
}

/** Git that must not run, or that prints this. */
function aGit(stdout?: string) {
  const git = async () => {
    if (stdout === undefined) throw new Error("git ran");
    return { stdout, stderr: "", status: 0 };
  };
  return git as unknown as Git;
}

const range = (git: Git) => ({
  records: new FakeRecords({ records: [aRecord("app", { commit: old })] }),
  targets: { find: async () => target },
  git,
  stopping: new AbortController().signal,
});

test("nothing is ahead of a service at its tip, and git does not run", async () => {
  const { loop, polls } = aLoop(known({ main: old }));
  expect(await commitsAhead(managed, loop, "lately", range(aGit()))).toEqual({
    ...{ from: old, to: old, commits: [], truncated: false },
    asOf: at.toISOString(),
  });
  expect(polls).toEqual(["lately"]);
});

test("the commits up to the tip are listed, 100 at most, and an upstream that does not answer is named", async () => {
  const { loop } = aLoop(known({ main: target }), "no answer in 5 s");
  const one = `${target}\0${at.getTime() / 1_000}\0eve\0a subject\n`;
  const reply = await commitsAhead(managed, loop, "now", range(aGit(one.repeat(101))));
  expect(reply.commits).toHaveLength(100);
  expect(reply.commits[0]).toMatchObject({ commit: target, committedAt: at.toISOString() });
  expect(reply).toMatchObject({ to: target, truncated: true, stale: "no answer in 5 s" });
});

test("a difference to a named commit needs no upstream", async () => {
  const { loop, polls } = aLoop({ is: "unasked" });
  const ports = { ...range(aGit()), targets: { find: async () => old } };
  expect(await differenceTo(managed, "AAAA", loop, ports)).toEqual({
    ...{ from: old, to: old, diff: "", truncated: false },
  });
  expect(polls).toEqual([]);
});

test.each<[string, UpstreamView, string, string]>([
  ["upstream does not answer", { is: "unasked" }, "no answer in 5 s", "no answer in 5 s"],
  ["the branch is missing", known({ other: target }), "", 'upstream has no branch "main"'],
  [
    "the branch cannot be followed",
    { is: "known", tips: new Map(), troubles: new Map([["main", new Problem("git", "it is no commit")]]) },
    "",
    "it is no commit",
  ],
])("a difference says why it is unknown: %s", async (_, view, stale, why) => {
  const { loop } = aLoop(view, stale);
  await expect(differenceTo(managed, null, loop, range(aGit()))).rejects.toThrow(
    `Cannot tell what "app" would get: ${why}`,
  );
});

const decided = { commit: target, problem: null, waiting: null, note: async () => "" };

/** `calls` has the calls of the targets. */
function planPorts(changes: Partial<PlanPorts["targets"]> = {}) {
  const calls: string[] = [];
  const observed = { ...seen({ links: [changed] }), verb: "reload" };
  const ports: PlanPorts = {
    targets: {
      decide: async (_, __, request) => {
        calls.push(`decide ${request?.overrideWindow}`);
        return decided;
      },
      find: async (_, prefix) => {
        calls.push(`find ${prefix}`);
        return target;
      },
      gatesFor: async () => {
        calls.push("gates");
        return null;
      },
      ...changes,
    },
    observe: async () => ({ observed, drift: { drift: "" }, why: "", editedAt: null, isUnproven: false }),
    observeUnit: async () => aSystemdUnit(aUnit()),
  };
  return { ports, calls };
}

test("a plan lists the steps of a pull in words", async () => {
  const { loop } = aLoop(known({ main: target }));
  const { ports, calls } = planPorts();
  expect(await planFor(managed, { to: null, fresh: "now" }, loop, ports)).toEqual({
    to: target,
    steps: [
      "stage bbbbbbbb beside the checkout",
      "publish bbbbbbbb",
      "systemctl reload app",
      "see that app is well for 10s",
    ],
    asOf: at.toISOString(),
  });
  expect(calls).toEqual(["decide true", "gates"]);
});

test("a plan of a pull names the window that the commit waits for", async () => {
  const { loop } = aLoop(known({ main: target }));
  const { ports } = planPorts({ gatesFor: async () => ({ commit: target, until: at, why: "a window" }) });
  expect(await planFor(managed, { to: null, fresh: "now" }, loop, ports)).toMatchObject({
    waitsFor: { why: "a window", until: at.toISOString() },
  });
});

test("a plan of a rollback uses neither upstream nor gates", async () => {
  const { loop, polls } = aLoop(known({ main: old }));
  const { ports, calls } = planPorts();
  const reply = await planFor(managed, { to: "BBBB", fresh: "now" }, loop, ports);
  expect(reply.to).toBe(target);
  expect(reply).not.toHaveProperty("asOf");
  expect(calls).toEqual(["find bbbb"]);
  expect(polls).toEqual([]);
});

test("a plan of a service without a target has no steps", async () => {
  const { loop } = aLoop({ is: "unasked" }, "no answer in 5 s");
  const { ports } = planPorts({ decide: async () => ({ ...decided, commit: null }) });
  expect(await planFor(managed, { to: null, fresh: "lately" }, loop, ports)).toEqual({
    ...{ to: null, steps: [], stale: "no answer in 5 s" },
  });
});

test("a tip that cannot be taken has no plan, but its problem", async () => {
  const { loop } = aLoop(known({ main: target }));
  const problem = new Problem("git", "REFUSED bbbbbbbb: it is not signed");
  const { ports } = planPorts({ decide: async () => ({ ...decided, commit: old, problem }) });
  await expect(planFor(managed, { to: null, fresh: "now" }, loop, ports)).rejects.toBe(problem);
});
