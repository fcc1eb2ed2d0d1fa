import { expect, test } from "vitest";
import { aUnit } from "../../../test/builders/a-unit.ts";
import type { UnitSeen } from "../../model/unit.ts";
import { jobFor } from "./unit-job.ts";

const up = aUnit();
const down = aUnit({ active: "inactive", sub: "dead" });
const socket = { up: aUnit({ id: "app.socket" }), down: aUnit({ id: "app.socket", active: "inactive" }) };

/** The commands in short, and whether the failure is cleared first. */
function job(verb: string, seen: UnitSeen, running: readonly string[] = []): string {
  const { commands, resets } = jobFor({ verb, unit: seen.id }, seen, running);
  const all = commands.map(({ verb, units }) => [verb, ...units].join(" "));
  return [...(resets ? ["reset"] : []), ...all].join(", ");
}

test("a verb is run as it is, and a failed state is cleared first", () => {
  expect(job("reload", up)).toBe("reload app.service");
  expect(job("start", aUnit({ active: "failed" }))).toBe("reset, start app.service");
  expect(job("restart", aUnit({ active: "activating", sub: "auto-restart" }))).toBe(
    "reset, restart app.service",
  );
  expect(job("start", down, ["other.service"])).toBe("start app.service");
});

const both = "stop app.socket app.service, start app.socket, start app.service";

test.each([
  ["restart", socket.up, both],
  ["reload-or-restart", socket.down, both],
  ["start", socket.down, both],
  ["start", socket.up, "start app.socket"],
  ["try-restart", socket.up, both],
  ["try-restart", socket.down, "try-restart app.socket"],
])("%s of a socket whose service runs", (verb, unit, commands) => {
  expect(job(verb, unit, ["app.service"])).toBe(commands);
  expect(job(verb, unit)).toBe(`${verb} app.socket`);
});
