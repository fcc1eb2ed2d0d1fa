import { expect, test } from "vitest";
import { FakeClock } from "../../test/builders/fake-clock.ts";
import type { Commit } from "../model/commit.ts";
import type { Service } from "../model/service.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import { detailsOf } from "./details.ts";

type Loop = Parameters<typeof detailsOf>[1];

test("details are of one moment: a deployment that ends while git is asked leaves the service busy in them", async () => {
  let busy = true;
  const info = async () => {
    busy = false;
    return null;
  };
  const service = { name: "app", upstream: "/srv/git", branch: "main", links: [] } as Partial<Service>;
  const managed = { service, history: { info } } as unknown as ManagedService;
  const loop: Loop = {
    managed: () => managed,
    pollTimes: () => ({ busy, lookedAt: null, nextLookAt: null }),
    known: null,
  };
  const state = {
    name: "DIFF",
    reason: "ROLLED BACK from 1a2b3c4d: no",
    hold: null,
    code: "rolled-back",
  } as const;
  const details = await detailsOf(service as Service, loop, {
    statusOf: () => ({ service: "app", commit: "a".repeat(40) as Commit, state, changedAt: new Date(0) }),
    units: { lastSeen: () => null },
    aside: { words: () => "" },
    knownBad: async () => null,
    clock: new FakeClock("2026-11-24T12:00:00Z"),
  });
  expect(details).toMatchObject({ state: "DIFF", busy: true });
  expect(busy).toBe(false);
});
