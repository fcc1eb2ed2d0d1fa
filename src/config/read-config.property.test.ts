import fc from "fast-check";
import { stringify } from "smol-toml";
import { expect, test } from "vitest";
import { renderConfigError } from "./errors/config-error.ts";
import { keysOfTables } from "./file.ts";
import { type ConfigResult, readConfig } from "./read-config.ts";

const context = { hosts: ["web1"], userExists: () => true, groupExists: () => true, defaultUser: "root" };

const key = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...[...keysOfTables.values()].flat()) },
  { weight: 1, arbitrary: fc.string() },
);
const text = fc.oneof(
  fc.string(),
  fc.constantFrom("web1", "app", "/srv/a", "/etc/a", "a/b", "main", "reload", ""),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    text,
    fc.boolean(),
    fc.integer(),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(key, tie("value"), { maxKeys: 6 }),
  ),
}));
/** Has the shape of a config, with anything at all in some of its places. */
const nearly = fc.record(
  {
    global: fc.oneof(value, fc.dictionary(key, value)),
    services: fc.array(fc.dictionary(key, fc.oneof(text, value), { maxKeys: 8 }), { maxLength: 4 }),
    windows: fc.oneof(value, fc.array(fc.dictionary(key, fc.oneof(text, value)), { maxLength: 3 })),
  },
  { requiredKeys: [] },
);

function expectWhole(result: ConfigResult, source: string): void {
  if (result.ok) return;
  const lines = source.split("\n").length;
  expect(result.errors.length).toBeGreaterThan(0);
  for (const error of result.errors) {
    expect(renderConfigError("c.toml", error)).toMatch(/^c\.toml:\d+:\d+: [^\p{Cc}\u2028\u2029]+$/u);
    expect(error.line).toBeLessThanOrEqual(lines);
  }
}

test("any text is read or refused", async () => {
  const anything = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string(),
    fc.array(fc.constantFrom(..."[]{}=,.\"'\n a1#")).map((all) => all.join("")),
  );
  await fc.assert(
    fc.asyncProperty(anything, async (source) => expectWhole(await readConfig(source, context), source)),
  );
});

test("any TOML is read or refused, with all of it placed in the text", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(nearly, fc.dictionary(key, value)), async (document) => {
      const source = stringify(document);
      expectWhole(await readConfig(source, context), source);
    }),
    { numRuns: 300 },
  );
});

test("deep nesting and many services are read or refused", async () => {
  const deep = `services = ${"[".repeat(50_000)}`;
  expectWhole(await readConfig(deep, context), deep);
  const nested = `a = ${"[".repeat(900)}${"]".repeat(900)}`;
  expectWhole(await readConfig(nested, context), nested);
  const one = (index: number) =>
    `[[services]]\nmachine = "web1"\nservice = "s${index}"\ndirs = [{ local = "/l/${index}", link = "a" }]`;
  const many = [
    '[global]\nupstream = "/git"\nmount = "/srv/m"',
    ...Array.from({ length: 500 }, (_, index) => one(index)),
  ];
  const result = await readConfig(many.join("\n"), context);
  expect(result.ok && result.settings.services.length).toBe(500);
});
