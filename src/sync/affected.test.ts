import { expect, test } from "vitest";
import {
  aHistory,
  aLog,
  aManaged,
  type Contents,
  commitOf,
  FakeRecords,
  named,
  store,
} from "../../test/builders/a-group.ts";
import { FakeClock } from "../../test/builders/fake-clock.ts";
import type { Service } from "../model/service.ts";
import { moveOn, sortByEffect } from "./affected.ts";

const [old, tip] = [commitOf("a"), commitOf("b")];
const clock = new FakeClock("2026-03-05T12:00:00Z");
/** The tip changes what is at the link of `app`, and nothing of `web`. */
const contents: Contents = {
  [old]: { "app/etc": "1", "web/etc": "1" },
  [tip]: { "app/etc": "2", "web/etc": "1" },
};
const both = () => new FakeRecords().deployed("app", old).deployed("web", old);

async function sorted(records: FakeRecords, { isForced = false, web = {} as Partial<Service> } = {}) {
  const history = { ...aHistory(contents).history, isAncestor: async () => !isForced };
  const members = [named("app"), named("web", web)].map((service) => aManaged(service, history));
  const { waiting, unaffected } = await sortByEffect(members, new Map([["main", tip]]), { records, clock });
  return { waiting: waiting.map(({ service }) => service.name), unaffected };
}
const webMoves = { service: "web", commit: tip, origin: `${store.path} main` };

test("a service waits for a commit that differs at its links; the record of another one only moves", async () => {
  expect(await sorted(both())).toEqual({ waiting: ["app"], unaffected: [webMoves] });
});

test("a service that has the tip, or is to wait with it, is neither", async () => {
  const waiting = { commit: tip, until: null, why: "a window" };
  const records = both().deployed("app", old, { state: { name: "OK", drift: "", waiting } });
  expect(await sorted(records.deployed("web", tip))).toEqual({ waiting: [], unaffected: [] });
});

test("a service without files waits for them", async () => {
  expect(await sorted(both().deployed("web", null))).toMatchObject({ waiting: ["app", "web"] });
});

test("a commit that the store has lost is like none: the service waits", async () => {
  const records = both().deployed("web", commitOf("c"));
  expect(await sorted(records)).toMatchObject({ waiting: ["app", "web"], unaffected: [] });
});

test("the record of a service with a failure or an unfinished deployment does not move: there is something to retry", async () => {
  const code = "host-failed" as const;
  const failed = both().deployed("web", old, { state: { name: "BROKEN", hold: null, reason: "no", code } });
  expect(await sorted(failed)).toMatchObject({ unaffected: [] });
  expect(await sorted(both().interrupted("web", old))).toMatchObject({ unaffected: [] });
});

test("a rewritten history is reported by a reconcile, so no record moves", async () => {
  const records = both().deployed("web", old, { origin: webMoves.origin });
  expect(await sorted(records, { isForced: true })).toEqual({ waiting: ["app"], unaffected: [] });
  expect(await sorted(records)).toEqual({ waiting: ["app"], unaffected: [webMoves] });
});

test("a commit has to be verified although it does not touch the service", async () => {
  const verify = { mode: "tip", keys: [] } as unknown as Service["verify"];
  expect(await sorted(both(), { web: { verify } })).toMatchObject({ unaffected: [] });
});

test("records that cannot be written are tried again by the next poll", () => {
  const { log, lines } = aLog();
  const moved = () => {
    throw Object.assign(new Error("disk I/O error"), { code: "ERR_SQLITE_ERROR" });
  };
  moveOn([webMoves], { records: { moved }, log });
  expect(lines.join()).toContain("cannot record commits that affect no service");
});
