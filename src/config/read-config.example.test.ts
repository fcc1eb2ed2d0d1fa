import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { forges } from "../model/webhook.ts";
import { probeKinds } from "./fields/health.ts";
import { keysOfTables } from "./file.ts";
import { readConfig } from "./read-config.ts";

const read = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");
const example = read("config.example.toml");

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

test("the example and a table of docs/operate.md have every kind of forge and of probe", () => {
  const page = read("operate.md");
  const isTold = (kind: string) =>
    new RegExp(`^\\|[^|\n]*\`${kind}\`[^|\n]*\\|`, "m").test(page) &&
    new RegExp(`^#.*\\b${kind}\\b`, "m").test(example);
  expect([...forges, ...probeKinds].filter((kind) => !isTold(kind))).toEqual([]);
});
