import { expect, test } from "vitest";
import { aUnit } from "../../../test/builders/a-unit.ts";
import { aService } from "../../../test/builders/observed.ts";
import type { UnitSeen } from "../../model/unit.ts";
import { together, unitFindings } from "./doctor-services.ts";

test.each<[string, Partial<UnitSeen>, string | null, RegExp]>([
  ["all well", {}, null, /^$/],
  ["stopped by a person", { active: "inactive" }, null, /^$/],
  ["failed", { active: "failed", result: "exit-code" }, "failed", /failed: exit-code → .*journalctl -u app/],
  ["missing", { load: "not-found", active: "inactive" }, "failed", /does not exist → install/],
  ["masked", { load: "masked", active: "inactive" }, "warning", /is masked → .*unmask app\.service/],
  [
    "unreadable",
    { load: "bad-setting", active: "inactive" },
    "failed",
    /bad-setting → .*systemd-analyze verify/,
  ],
  ["not reloadable", { canReload: false }, "failed", /cannot reload .* → set action/],
  ["disabled", { file: "disabled", wanted: false }, "warning", /at boot → it is disabled; run/],
  ["disabled, and wanted all the same", { file: "disabled" }, null, /^$/],
])("%s", (_, changes, result, text) => {
  const [finding] = unitFindings(aService(), aUnit(changes));
  expect(finding?.result ?? null).toBe(result);
  expect(finding ? `${finding.detail} → ${finding.remedy}` : "").toMatch(text);
});

test("a service that is broken because of its unit is one finding, with what to do about the unit", () => {
  const own = { result: "failed", detail: "BROKEN: the unit does not exist", remedy: "see the log" } as const;
  const missing = unitFindings(aService(), aUnit({ load: "not-found", active: "inactive" }));
  const [remedy] = missing.map((finding) => finding.remedy);
  expect(together(own, true, missing)).toEqual([{ ...own, remedy }]);
  expect(together(own, false, missing)).toEqual([own, ...missing]);
  expect(together(null, false, missing)).toEqual(missing);
});
