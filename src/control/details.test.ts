import { expect, test } from "vitest";
import { FakeClock } from "../../test/builders/fake-clock.ts";
import { aService, old, target } from "../../test/builders/observed.ts";
import type { Progress } from "../model/deployment/progress.ts";
import type { ServiceState } from "../model/state.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import type { KnownView } from "../rollout/target.ts";
import { type DetailsPorts, detailsOf } from "./details.ts";

type Loop = Parameters<typeof detailsOf>[1];

const at = new Date("2026-11-24T12:00:00Z");
const clock = new FakeClock(at.toISOString());
const info = async () => ({ commit: old, subject: "a subject", author: "eve", committedAt: at });
const ok: ServiceState = { name: "OK", drift: "" };
const known: KnownView = { is: "known", tips: new Map([["main", target]]) };

function aLoop(changes: Partial<Loop> = {}, history: object = { info, ahead: async () => 3 }): Loop {
  const managed = { service: aService(), history } as unknown as ManagedService;
  return {
    managed: () => managed,
    pollTimes: () => ({ busy: false, reconciledAt: at, nextPollAt: null }),
    known: null,
    ...changes,
  };
}

const ports = (state: ServiceState = ok, changes: Partial<DetailsPorts> = {}): DetailsPorts => ({
  statusOf: (service) => ({ service, commit: old, state, changedAt: at }),
  units: { lastSeen: () => null },
  aside: { words: () => "" },
  knownBad: async () => null,
  clock,
  ...changes,
});

test("details are of one moment: a deployment that ends while git runs leaves the service busy in them", async () => {
  let busy = true;
  const ends = async () => {
    busy = false;
    return null;
  };
  const loop = aLoop({ pollTimes: () => ({ busy, reconciledAt: null, nextPollAt: null }) }, { info: ends });
  const state = {
    name: "DIFF",
    reason: "ROLLED BACK from 1a2b3c4d",
    hold: null,
    code: "rolled-back",
  } as const;
  expect(await detailsOf(aService(), loop, ports(state))).toMatchObject({ state: "DIFF", busy: true });
  expect(busy).toBe(false);
});

test("a service behind its tip has the count, and why the tip is not deployed", async () => {
  const bad = { commit: target, verdict: "ROLLED BACK", reason: "the unit died", at } as const;
  const details = await detailsOf(aService(), aLoop({ known }), ports(ok, { knownBad: async () => bad }));
  expect(details).toMatchObject({
    ...{ commit: old, subject: "a subject", tip: target, behind: 3 },
    bad: { ...bad, at: at.toISOString() },
  });
});

test("details come without the answers that git and the host cannot give", async () => {
  const fails = () => Promise.reject(new Error("the store is gone"));
  const loop = aLoop({ known }, { info: async () => null, ahead: fails });
  expect(await detailsOf(aService(), loop, ports(ok, { knownBad: fails }))).toMatchObject({
    ...{ subject: null, committedAt: null, tip: target, behind: null, bad: null, unit: null },
  });
});

test("a service that is not set up has a state, and nothing of git", async () => {
  const loop = aLoop({ managed: () => undefined, known });
  expect(await detailsOf(aService(), loop, ports())).toMatchObject({
    ...{ state: "OK", subject: null, tip: target, behind: null, bad: null, deploying: null },
  });
});

test("unmounted single files come before the rest of the info", async () => {
  const state: ServiceState = { name: "OK", drift: "2 local edits" };
  const aside = { words: () => "its single files are unmounted until 13:00" };
  expect(await detailsOf(aService(), aLoop(), ports(state, { aside }))).toMatchObject({
    info: "its single files are unmounted until 13:00; 2 local edits",
    drift: "2 local edits",
  });
});

test("a deployment under way has the words of its commit", async () => {
  const progress = {
    ...{ service: "app", commit: target, trigger: "pull", by: "ops", step: "stage", detail: "" },
    ...{ since: at, stepSince: at, probe: null },
  } as unknown as Progress;
  const statusOf: DetailsPorts["statusOf"] = (service) => ({
    ...{ service, commit: old, state: ok, changedAt: at, progress },
  });
  const { deploying } = await detailsOf(aService(), aLoop(), ports(ok, { statusOf }));
  expect(deploying).toMatchObject({ commit: target, by: "ops", subject: "a subject", author: "eve" });
});

test("no password of an upstream is in the details", async () => {
  const service = aService({ upstream: "https://me:hunter2@example.com/config" });
  expect(JSON.stringify(await detailsOf(service, aLoop(), ports()))).not.toContain("hunter2");
});
