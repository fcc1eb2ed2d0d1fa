import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { keysOfTables } from "./file.ts";
import { readConfig } from "./read-config.ts";

const example = readFileSync(new URL("../../docs/config.example.toml", import.meta.url), "utf8");

test("the documented example is right", async () => {
  const context = {
    hosts: ["grafana.example.org"],
    userExists: () => true,
    groupExists: () => true,
    defaultUser: "root",
  };
  const result = await readConfig(example, context);
  if (!result.ok) expect.fail(JSON.stringify(result.errors));
  expect(result.settings.services.map((service) => service.name)).toEqual(["grafana-server"]);
  expect(result.settings.machines).toEqual(["grafana.example.org", "canary.example.org"]);
  expect(result.settings.windows.map(({ name }) => name)).toEqual(["nights", "end of the month"]);
});

test.each([...keysOfTables.values()].flat())("the documented example has the key %s", (key) => {
  expect(example.replace(/^\s*#.*$/gm, "")).toMatch(new RegExp(`(^|[{,.\\[]\\s*)${key}( =|\\])`, "m"));
});
