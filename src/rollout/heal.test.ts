import { describe, expect, test } from "vitest";
import type { Commit } from "../model/commit.ts";
import { type Finding, reasonFor, reasonForHost, renderDrift } from "./drift.ts";
import { planHeal } from "./heal.ts";
import type { Observed } from "./plan.ts";

const here = "a".repeat(40) as Commit;
const edit = (path: string, more: object = {}): Finding => ({
  ...{ kind: "edit", path, added: false, healable: true },
  ...more,
});
const mode = (path: string): Finding => ({ kind: "attribute", path, is: "mode 0600", instead: "0644" });
const flood: Finding = { kind: "flood", max: 10_000, below: "/srv/app/cache" };
const moved: Finding = { kind: "moved", to: here };

describe("what people read", () => {
  test.each<[Finding[], string]>([
    [[], ""],
    [[edit("app/x")], "drift: 1 local edit: app/x"],
    [[edit("a"), edit("b"), edit("c"), edit("d")], "drift: 4 local edits: a, b, c, …"],
    [[edit("b"), mode("a")], "drift: a: mode 0600 instead of 0644; 1 local edit: b"],
    [[edit("b"), moved], "drift: the checkout was moved to aaaaaaaa"],
    [[edit("b"), flood], "drift: more than 10000 untracked files, below /srv/app/cache; 1 local edit: b"],
    [[edit("two\nlines")], 'drift: 1 local edit: "two\\nlines"'],
  ])("%j", (findings, line) => {
    expect(renderDrift(findings)).toBe(line);
  });
  test("the line has an end, whatever files are called", () => {
    expect(renderDrift([edit("x".repeat(5_000))]).length).toBeLessThan(600);
  });
  test("the history says what was put right, and nothing of what was not", () => {
    const findings = [mode("a"), edit("b"), edit("c", { added: true }), edit("d/", { healable: false })];
    expect(reasonFor(findings)).toBe("drift: a: mode 0600 instead of 0644, b changed, c added");
  });
});

describe("healing", () => {
  const heal = { mode: "heal", healsPerHour: 2 } as const;
  const calm = { healsInHour: 0, held: false, healed: false };

  test("is due for what drifted, where the config says so", () => {
    expect(planHeal([edit("x")], heal, calm)).toEqual({
      due: true,
      reason: "drift: x changed",
      places: ["x"],
      drift: "",
    });
    expect(planHeal([edit("x")], { ...heal, mode: "report" }, calm)).toEqual({
      ...{ due: false, reason: "", places: [], drift: "drift: 1 local edit: x" },
    });
    expect(planHeal([edit("x"), flood], heal, calm)).toMatchObject({
      due: false,
      drift: expect.stringContaining("1 local edit: x (not healed: too many files to save; move them away)"),
    });
    expect(planHeal([], heal, calm)).toEqual({ due: false, reason: "", places: [], drift: "" });
  });
  test.each([
    [{ healsInHour: 2 }, "drift: 1 local edit: x (not healed: 2 heals in the last hour)"],
    [{ healsInHour: 1 }, ""],
    [{ held: true }, "drift: 1 local edit: x (not healed: frozen)"],
    [{ healed: true }, "drift: 1 local edit: x"],
    [{ healed: true, healsInHour: 2 }, "drift: 1 local edit: x (not healed: 2 heals in the last hour)"],
  ])("in %j", (change, drift) => {
    expect(planHeal([edit("x")], heal, { ...calm, ...change })).toMatchObject({ due: drift === "", drift });
  });
  test("is not due for what it cannot put right, and does not say that it was kept from it", () => {
    const kept = edit("own-repository/", { added: true, healable: false });
    const seen = planHeal([kept], heal, { ...calm, healsInHour: 9 });
    expect(seen).toEqual({
      due: false,
      reason: "",
      places: [],
      drift: "drift: 1 local edit: own-repository/",
    });
  });
});

describe("what was taken away", () => {
  const link = (local: string, bind: "mounted" | "absent" | "elsewhere") => ({ link: { local }, bind });
  const observed = (changes: object) =>
    ({
      applied: here,
      checkout: { is: "fit", narrowed: true },
      links: [link("/etc/a", "absent"), link("/etc/b", "mounted"), link("/etc/c", "elsewhere")],
      ...changes,
    }) as unknown as Observed;

  test("is named", () => {
    expect(reasonForHost(here, observed({}))).toBe("mount /etc/a was missing, mount /etc/c was covered");
    expect(reasonForHost(here, observed({ checkout: { is: "absent" } }))).toBe("the checkout was missing");
  });
  test("is nothing while the service goes to another commit, or has new links", () => {
    expect(reasonForHost(here, observed({ applied: null }))).toBe("");
    expect(reasonForHost(here, observed({ checkout: { is: "fit", narrowed: false } }))).toBe("");
  });
});
