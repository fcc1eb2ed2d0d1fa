import { expect, test } from "vitest";
import { FakeDaemon } from "../../test/builders/fake-daemon.ts";
import { target } from "../../test/builders/observed.ts";
import { noFiles } from "../model/deployment/phase.ts";

const startedAt = new Date("2026-11-28T10:00:00Z");
const publishing = { at: "publishing", to: target, result: "running" } as const;

test("a released service has no commit, and its next deployment is a first one, also after a restart", async () => {
  const daemon = new FakeDaemon();
  const { records, events } = daemon;
  const poll = { service: "app", from: null, to: target, trigger: "poll", by: "", mounts: [] } as const;
  await records.begin({ ...poll, startedAt, phase: publishing });
  events.length = 0;
  records.release("app", { by: "root", reason: "moves" });
  records.release("app", { by: "ci", reason: "again" });
  expect(events.map(({ type }) => type)).toEqual(["state-changed"]);
  for (const record of [records.get("app"), daemon.live().records.get("app")])
    expect(record).toMatchObject({
      commit: null,
      phase: noFiles,
      links: "",
      state: { name: "FREEZE", hold: { kind: "release", by: "root", reason: "moves" } },
    });
});
