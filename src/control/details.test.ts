import { expect, test } from "vitest";
import type { Commit } from "../model/commit.ts";
import type { Service } from "../model/service.ts";
import type { Context } from "../reconcile/context.ts";
import type { UpstreamLoop } from "../sync/upstream-loop.ts";
import { detailsOf } from "./details.ts";

test("details are of one moment: a deployment that ends while git is asked leaves the service busy in them", async () => {
  let busy = true;
  const info = async () => {
    busy = false;
    return null;
  };
  const service = { name: "app", upstream: "/srv/git", branch: "main", links: [] } as Partial<Service>;
  const managed = { service, history: { info }, underWay: null };
  const loop = {
    managed: () => managed,
    pollTimes: () => ({ busy, lookedAt: null, nextLookAt: null }),
    known: null,
  };
  const state = { name: "DIFF", reason: "ROLLED BACK from 1a2b3c4d: no", hold: null };
  const status = { commit: "a".repeat(40) as Commit, state, changedAt: new Date(0) };
  const context = {
    records: { status: () => status },
    units: { lastSeen: () => null },
    clock: { now: () => new Date(0) },
    aside: { words: () => "" },
  };
  const details = await detailsOf(
    service as Service,
    loop as unknown as UpstreamLoop,
    context as unknown as Context,
  );
  expect(details).toMatchObject({ state: "DIFF", busy: true });
  expect(busy).toBe(false);
});
