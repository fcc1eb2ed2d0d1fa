import { describe, expect, test } from "vitest";
import { old, target } from "../../test/builders/observed.ts";
import type { Commit } from "../model/commit.ts";
import { type Phase, parsePhase } from "../model/deployment/phase.ts";
import {
  dirty,
  factsOf,
  headOf,
  liveCommit,
  phaseAfter,
  phaseAtEnd,
  phaseAtStart,
  phaseDuring,
  phaseToStore,
  remounted,
  wasInterrupted,
} from "./phase.ts";
import type { Step } from "./plan.ts";

const other = "c".repeat(40) as Commit;
const verified: Phase = { at: "verified", head: old };
const on = { to: target, result: "running" } as const;
const before = { ...on, head: old };
const begun: Phase = { at: "begun", ...before };
const staged: Phase = { at: "staged", ...before };
const checked: Phase = { at: "checked", ...before };
const publishing: Phase = { at: "publishing", ...on };
const published: Phase = { at: "published", ...on, head: target };
const told: Phase = { at: "told", ...on, head: target };
const all = [verified, begun, staged, checked, publishing, published, told];

const stage = { do: "stage", commit: target, whole: false, ours: [], base: old } as const;
const whole = { ...stage, whole: true } as const;
const check = { do: "check", commit: target } as const;
const publish = { do: "publish", commit: target } as const;
const mount = { do: "mount", link: { local: "/etc/app", link: "app/etc", file: false } } as Step;
const reload = { do: "systemctl", verb: "reload" } as const;
const verify = { do: "verify", unit: true } as const;
const add = { do: "add-checkout", commit: target } as const;
const aside = { do: "set-aside", why: "" } as const;
const install = { do: "install-package", name: "caddy" } as const;
const narrow = { do: "narrow" } as const;

describe("a deployment begins", () => {
  test.each<[string, Step[], Phase, Phase["at"]]>([
    ["with what is published at once", [stage, publish, mount], verified, "begun"],
    ["with what is staged as a whole", [whole, publish], verified, "begun"],
    ["with a check", [whole, check, publish], verified, "begun"],
    ["with a new checkout", [add, narrow, whole, publish, mount], verified, "begun"],
    ["with a package", [install], verified, "begun"],
    ["with a lost mount", [mount, reload], verified, "published"],
    ["with a verb only", [reload, verify], verified, "published"],
    ["with the wait for health only", [verify], verified, "told"],
    ["without steps", [], verified, "told"],
    ["without files, and no steps for them", [reload], { at: "verified", head: null }, "begun"],
  ])("%s", (_, steps, from, at) => {
    expect(phaseAtStart(steps, target, from)).toMatchObject({ at, to: target, result: "running" });
  });
  test("its files that change soon are stored ahead", () => {
    for (const steps of [
      [stage, publish, mount],
      [add, narrow, whole, publish],
    ])
      expect(phaseToStore(begun, steps)).toEqual(publishing);
    for (const steps of [[whole, publish], [whole, check, publish], [install]])
      expect(phaseToStore(begun, steps)).toBe(begun);
    expect(phaseToStore(published, [mount, reload])).toBe(published);
  });
  test("with the files that there are", () => {
    expect(phaseAtStart([reload], target, told)).toEqual({ ...told, at: "published" });
    expect(phaseAtStart([whole, publish], target, verified)).toEqual({ ...begun, wasVerified: true });
    expect(phaseAtStart([whole, publish], target, publishing)).toEqual({ ...begun, head: null });
  });
});

test("while a step changes files, they are of no commit", () => {
  for (const step of [publish, add, aside])
    for (const phase of [begun, staged, checked, publishing, published, told])
      expect(phaseDuring(phase, step)).toEqual(publishing);
});

test("the wait for health begins when the unit has been reloaded", () => {
  expect(phaseDuring(published, verify)).toEqual(told);
  expect(phaseDuring(told, verify)).toBe(told);
  expect(phaseDuring(begun, verify)).toBe(begun);
  expect(phaseDuring(publishing, verify)).toBe(publishing);
});

test("no other step moves the phase while it is taken, and none that of a service without a deployment", () => {
  for (const phase of all)
    for (const step of [install, narrow, stage, check, mount, reload])
      expect(phaseDuring(phase, step)).toBe(phase);
  for (const step of [publish, add, aside, verify]) expect(phaseDuring(verified, step)).toBe(verified);
});

test("when a step has been taken, the phase is that of the step", () => {
  expect(phaseAfter(begun, whole)).toEqual(staged);
  expect(phaseAfter(staged, check)).toEqual(checked);
  for (const phase of [begun, staged, checked, publishing])
    expect(phaseAfter(phase, publish)).toEqual(published);
});

test("no step brings a deployment back to an earlier phase", () => {
  for (const phase of [publishing, published, told])
    for (const step of [whole, check, mount, reload, verify, narrow])
      expect(phaseAfter(phase, step)).toBe(phase);
  expect(phaseAfter(verified, publish)).toBe(verified);
  expect(phaseAfter(checked, whole)).toBe(checked);
});

describe("a deployment ends", () => {
  const failed = { result: "failed", byHost: false } as const;
  test("done, with the files that it has", () => {
    const done = { result: "done", byHost: false } as const;
    expect(phaseAtEnd(told, done, verified)).toEqual({ at: "verified", head: target });
    expect(phaseAtEnd(begun, done, verified)).toEqual(verified);
  });
  test.each([begun, staged, checked])("before it published: as it was before ($at)", (phase) => {
    expect(phaseAtEnd(phase, failed, verified)).toBe(verified);
    expect(phaseAtEnd(phase, failed, told)).toBe(told);
  });
  test.each([publishing, published, told])("afterwards: where it was ($at)", (phase) => {
    expect(phaseAtEnd(phase, failed, verified)).toEqual({ ...phase, result: "failed" });
    expect(phaseAtEnd(phase, { ...failed, result: "superseded" }, verified)).toMatchObject({ at: phase.at });
  });
  test("verified, where a killed deployment had begun from there and changed nothing", () => {
    const killed = phaseAtStart([whole, check, publish], target, verified);
    const again = phaseAtStart([whole, check, publish], target, parsePhase(JSON.stringify(killed)));
    expect(phaseAtEnd(again, failed, killed)).toEqual(verified);
    const afterBad = phaseAtStart([whole, check, publish], target, told);
    expect(phaseAtEnd(begun, failed, afterBad)).toBe(afterBad);
  });
  test("as before, where it was superseded before its first step", () => {
    const unbegun = { ...failed, result: "superseded", failedAt: "check" } as const;
    for (const phase of [published, told]) expect(phaseAtEnd(phase, unbegun, verified)).toBe(verified);
    expect(phaseAtEnd(publishing, unbegun, verified)).toMatchObject({ at: "publishing" });
  });
  test("with a unit that the host lacks: it is still to be reloaded", () => {
    expect(phaseAtEnd(told, { ...failed, byHost: true }, verified)).toEqual({
      ...published,
      result: "failed",
    });
    expect(phaseAtEnd(publishing, { ...failed, byHost: true }, verified)).toMatchObject({ at: "publishing" });
  });
});

describe("what happens outside of a deployment", () => {
  test("files that are no longer those of a commit", () => {
    expect(dirty(verified, target)).toEqual({ at: "publishing", to: target, result: "interrupted" });
    expect(dirty(verified, null)).toEqual({ at: "publishing", to: old, result: "interrupted" });
    expect(dirty({ at: "verified", head: null }, null)).toEqual({ at: "verified", head: null });
    for (const phase of [begun, staged, checked, published, told])
      expect(dirty(phase, old)).toEqual(publishing);
    expect(dirty(publishing, old)).toBe(publishing);
  });
  test("files that were mounted", () => {
    const running = { at: "published", head: old, result: "running" };
    expect(remounted(verified, other)).toEqual({ ...running, to: other });
    expect(remounted({ ...told, result: "failed" }, old)).toEqual({ ...running, to: old, head: target });
    expect(remounted(begun, old)).toEqual({ ...running, to: target });
    expect(remounted(publishing, old)).toEqual(publishing);
    expect(remounted({ at: "verified", head: null }, old)).toEqual({ ...publishing, to: old });
  });
});

describe("what follows for the next deployment", () => {
  const plain = {
    lastReloaded: old,
    interruptedAt: null,
    unfinished: false,
    unverified: false,
    isUnproven: false,
  };
  const facts = (phase: Phase, { frozen = false, to = target } = {}) =>
    factsOf(phase, { applied: old, target: to, frozen });
  const withResult = (phase: Phase, result: "failed" | "superseded" | "interrupted") =>
    ({ ...phase, result }) as Phase;

  test("nothing where all is verified", () => expect(facts(verified)).toEqual(plain));
  test.each([begun, staged, checked])("it goes on where it was cut off ($at)", (phase) => {
    expect(facts(phase)).toEqual({ ...plain, unfinished: true });
    expect(facts(withResult(phase, "interrupted"))).toEqual({ ...plain, unfinished: true });
  });
  test.each([publishing, published])("the unit has to hear of it ($at)", (phase) => {
    expect(facts(phase)).toEqual({ ...plain, interruptedAt: target, unfinished: true });
    expect(facts(withResult(phase, "failed"))).toEqual({ ...plain, interruptedAt: target, unfinished: true });
    expect(facts(withResult(phase, "failed"), { to: other })).toEqual({ ...plain, interruptedAt: target });
    expect(facts(phase, { to: other })).toEqual({ ...plain, interruptedAt: target, unfinished: true });
  });
  test("a unit that was reloaded has only to be well", () => {
    const reloaded = { ...plain, lastReloaded: target, interruptedAt: target };
    expect(facts(told)).toEqual({ ...reloaded, unverified: true });
    expect(facts(withResult(told, "failed"))).toEqual({ ...reloaded, unverified: true });
    expect(facts(withResult(told, "failed"), { to: old })).toEqual(reloaded);
    expect(facts(told, { to: old })).toEqual({ ...reloaded, unfinished: true });
  });
  test("a unit that was reloaded with other files than those of the goal may have read those of before", () => {
    expect(facts({ ...told, head: old })).toMatchObject({ lastReloaded: old, interruptedAt: target });
  });
  test("a freeze while it settled leaves the question open", () => {
    const superseded = withResult(told, "superseded");
    expect(facts(superseded, { frozen: true })).toMatchObject({ unverified: false, isUnproven: true });
    expect(facts(superseded)).toMatchObject({ unverified: true, isUnproven: false });
    expect(facts(withResult(told, "failed"), { frozen: true })).toMatchObject({
      unverified: true,
      isUnproven: false,
    });
  });
});

test("the head is what the files are as a whole, the live commit what the service may have of it", () => {
  expect(all.map(headOf)).toEqual([old, old, old, old, null, target, target]);
  expect(all.map((phase) => liveCommit(phase, other))).toEqual([
    other,
    other,
    other,
    other,
    other,
    target,
    target,
  ]);
  expect(liveCommit({ ...told, head: old }, other)).toBe(other);
});

test("cut off is what was running when the daemon ended", () => {
  expect(all.map(wasInterrupted)).toEqual([false, true, true, true, true, true, true]);
  expect(wasInterrupted({ ...told, result: "failed" })).toBe(false);
});
