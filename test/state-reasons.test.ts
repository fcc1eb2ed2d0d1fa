/** The codes of states are a closed list: each is made somewhere, and docs/operate.md says what to do about it. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { reasonCodes, stateReasons } from "../src/model/reason/state-reason.ts";

const root = join(import.meta.dirname, "..");
const list = "src/model/reason/state-reason.ts";

test("docs/operate.md has a row for each code, with its meaning and what to do", () => {
  const page = readFileSync(join(root, "docs/operate.md"), "utf8");
  const table = page.split("| reason | meaning | what to do |\n|---|---|---|\n")[1]?.split("\n\n")[0] ?? "";
  const rows = table.split("\n").map((row) => row.split(" | "));
  expect(rows.map(([code, meaning]) => [code, meaning])).toEqual(
    reasonCodes.map((code) => [`| \`${code}\``, stateReasons[code]]),
  );
  for (const [, , todo = ""] of rows) expect(todo).toMatch(/\S.* \|$/);
});

test("no code is dead", () => {
  const files = globSync("src/**/*.ts", { cwd: root }).filter(
    (path) => path !== list && !path.endsWith(".test.ts"),
  );
  const text = files.map((path) => readFileSync(join(root, path), "utf8")).join("\n");
  // What an older gitopper wrote has it, and the list's own file reads that.
  const made = reasonCodes.filter((code) => code === "other" || text.includes(`"${code}"`));
  expect(made).toEqual(reasonCodes);
});

test("the alerts name codes that exist", () => {
  const page = readFileSync(join(root, "docs/operate.md"), "utf8");
  const alerts = [...page.matchAll(/gitopper_service_state_reason\{reason=~?"([^"]+)"\}/g)];
  expect(alerts.length).toBeGreaterThan(0);
  for (const [, codes = ""] of alerts) expect(reasonCodes).toEqual(expect.arrayContaining(codes.split("|")));
});
