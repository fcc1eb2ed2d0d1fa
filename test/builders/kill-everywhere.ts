/** The same story of a service in memory again and again, killed at another effect each time. */
import type { Service } from "../../src/model/service.ts";
import { FakeCampaign, type Happening, type Killed } from "./fake-campaign.ts";

/** Kills at every effect of a story, one after another; answers the first kill after which something is not as it has to be. */
export async function killEverywhere(
  service: Partial<Service>,
  story: readonly Happening[],
  how: Omit<Killed, "after"> = {},
): Promise<readonly string[]> {
  const { effects, faults } = await effectsOf(service, story);
  if (faults.length > 0) return ["without a kill", ...faults];
  // The first deployment is a story of its own.
  const first = story.length === 0 ? 0 : (await effectsOf(service, [])).effects.length;
  for (let after = first; after < effects.length; after += 1) {
    const found = await new FakeCampaign(service, { ...how, after }).play(story);
    if (found.length > 0) return [`killed before effect ${after}, ${effects[after]}`, ...found];
  }
  return [];
}

async function effectsOf(service: Partial<Service>, story: readonly Happening[]) {
  const campaign = new FakeCampaign(service);
  const faults = await campaign.play(story);
  return { effects: campaign.daemon.host.power.spent, faults };
}
