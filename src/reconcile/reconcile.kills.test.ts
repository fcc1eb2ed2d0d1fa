import fc from "fast-check";
import { expect, test } from "vitest";
import { FakeCampaign, type Happening, happenings, type Killed } from "../../test/builders/fake-campaign.ts";
import { killEverywhere } from "../../test/builders/kill-everywhere.ts";

const check = { commands: [["true"]], user: null, timeoutMs: 1_000, network: false };
const stories: readonly (readonly Happening[])[] = [
  [],
  ["both"],
  ["unwell"],
  ["breaks"],
  ["odd"],
  ["good", "rollback"],
  ["untouched"],
  ["rewritten"],
  ["overtaken"],
  ["freeze", "good", "unfreeze"],
  ["edit", "single-file"],
  ["lost-mount"],
  ["lost-checkout"],
  ["reboot"],
  ["unwell", "reboot"],
];

test.each(stories.map((story) => ({ story })))(
  "whenever the daemon is killed in $story, the host is whole in the end",
  async ({ story }) => {
    expect(await killEverywhere({}, story)).toEqual([]);
  },
);

test("whenever the daemon is killed while a commit is checked, the host is whole in the end", async () => {
  expect(await killEverywhere({ check }, ["both"])).toEqual([]);
  expect(await killEverywhere({ check }, ["refused"])).toEqual([]);
  expect(await killEverywhere({ check }, ["overtaken"])).toEqual([]);
});

test("whenever the daemon is killed, a decision before the next reconcile holds", async () => {
  const hurried = { hurried: true };
  expect(await killEverywhere({}, ["unwell", "freeze", "unfreeze"], hurried)).toEqual([]);
  expect(await killEverywhere({}, ["both", "rollback"], hurried)).toEqual([]);
  expect(await killEverywhere({}, ["both", "good"], hurried)).toEqual([]);
});

test("after random kills in a random story, the host is whole in the end", async () => {
  const service = fc.record({
    check: fc.constantFrom(null, check),
    drift: fc.constantFrom(
      { mode: "report", healsPerHour: 6 } as const,
      { mode: "heal", healsPerHour: 6 } as const,
    ),
  });
  const story = fc.array(fc.constantFrom(...happenings), { minLength: 2, maxLength: 6 });
  const killed: fc.Arbitrary<Killed> = fc.record({
    // The first deployment has about twenty effects.
    after: fc.integer({ min: 25, max: 110 }),
    again: fc.nat(20),
    hurried: fc.boolean(),
  });
  const isWhole = async (...[of, what, how]: [Partial<object>, Happening[], Killed]) => {
    expect(await new FakeCampaign(of, how).play(what)).toEqual([]);
  };
  await fc.assert(fc.asyncProperty(service, story, killed, isWhole), {
    seed: 20_261_128,
    numRuns: 40,
  });
});
