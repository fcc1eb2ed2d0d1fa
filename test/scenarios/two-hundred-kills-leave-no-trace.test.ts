import { afterAll, expect, test } from "vitest";
import { Campaign } from "../builders/campaign.ts";
import { createRandom, seedOf } from "../builders/random.ts";
import type { Tally } from "../builders/tally.ts";

const killsPerHost = 100;
const seed = seedOf(process.env);
const tallies: Tally[] = [];

afterAll(() => {
  for (const tally of tallies) console.log(`kill campaign: ${JSON.stringify(tally)}`);
});

/** Two hosts at once, or the test would wait most of its time. `SEED=…` repeats the choices of a run. */
test.concurrent.for([
  ["the daemon alone", "main", seed],
  ["its whole cgroup", "tree", seed + 1],
] as const)(
  "after a kill of %s at any moment the next start ends with the right files, mounts, units and state",
  { timeout: 1_200_000 },
  async ([, victim, ownSeed]) => {
    await using campaign = await Campaign.begin(victim, createRandom(ownSeed));
    tallies.push(campaign.tally);
    for (let kills = 0; kills < killsPerHost; kills += 1) await campaign.round(kills);
    await campaign.finish();

    expect(campaign.tally.kills).toBe(killsPerHost);
    expect(campaign.tally.beforeDone).toBeGreaterThan(killsPerHost / 2);
    expect(campaign.tally.cutOff).toBeGreaterThan(killsPerHost / 4);
  },
);
