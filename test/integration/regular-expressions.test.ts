/** Most of what our regular expressions see was written by others, and one that backtracks stops the whole daemon. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { check } from "recheck";
import { parseAst } from "rolldown/parseAst";
import { describe, expect, test } from "vitest";

const src = join(import.meta.dirname, "../../src");

/** Steps are counted, never timed: how long one takes depends on the machine and on what else runs on it. */
const counted = {
  timeout: null,
  attackTimeout: null,
  incubationTimeout: null,
  seedingTimeout: null,
};

interface Found {
  readonly literals: { readonly at: string; readonly source: string; readonly flags: string }[];
  /** Places where one is made of a text. */
  readonly made: string[];
}

const { literals, made } = collect();

describe("every regular expression takes no longer than its text is long", () => {
  test.each(literals)("$at: /$source/$flags", async ({ source, flags }) => {
    const told = await check(source, flags, counted);
    expect({ status: told.status, attack: "attack" in told ? told.attack.pattern : "" }).toEqual({
      status: "safe",
      attack: "",
    });
  });
});

test("one whose text is not ours runs where it can be stopped, and meets nothing outside", () => {
  expect(made).toEqual(["config/fields/health.ts"]);
  expect(literals.length).toBeGreaterThan(150);
});

test("the check finds those that take longer", async () => {
  const { status } = await check(String.raw`\b([a-z][a-z0-9+.-]*:\/\/)([^\/\s"']+)@`, "gi", counted);
  expect(status).toBe("vulnerable");
});

function collect(): Found {
  const found: Found = { literals: [], made: [] };
  for (const path of globSync("**/*.ts", { cwd: src }).sort()) {
    if (/\.(?:test|d)\.ts$/.test(path)) continue;
    const text = readFileSync(join(src, path), "utf8");
    visit(parseAst(text, { lang: "ts" }), path, text, found);
  }
  return found;
}

function visit(node: unknown, path: string, text: string, found: Found): void {
  if (typeof node !== "object" || node === null) return;
  if (!Array.isArray(node)) note(node as Node, path, text, found);
  for (const child of Object.values(node)) visit(child, path, text, found);
}

/** Of ESTree, as far as it matters here. */
interface Node {
  readonly type?: string;
  readonly start?: number;
  readonly regex?: { readonly pattern: string; readonly flags: string };
  readonly callee?: { readonly name?: string };
}

function note({ type, start = 0, regex, callee }: Node, path: string, text: string, found: Found): void {
  if (type === "Literal" && regex !== undefined) {
    const at = `${path}:${text.slice(0, start).split("\n").length}`;
    found.literals.push({ at, source: regex.pattern, flags: regex.flags });
  }
  if ((type === "NewExpression" || type === "CallExpression") && callee?.name === "RegExp")
    found.made.push(path);
}
