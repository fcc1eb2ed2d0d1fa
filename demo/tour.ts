/** The demo that goes by itself: one story from the first boot to the last table. */
import {
  freeze,
  pushBroken,
  pushElsewhere,
  pushUnhealthy,
  release,
  rollBack,
  start,
  status,
  unfreeze,
} from "./acts.ts";
import { ctl } from "./look.ts";
import type { Say } from "./say.ts";
import type { World } from "./world.ts";

/** Runs the tour on a host where no service runs yet. @throws when a step has another result */
export async function tour(world: World, say: Say): Promise<void> {
  say.step("Start gitopper: files from git, in place, and nginx on top of them");
  await start(world, say);
  say.step("Push a release: new files, one reload");
  await release(world, say);
  say.step("Push something for another service of the same repository: no reload");
  await pushElsewhere(world, say);
  say.step("Push a typo: it is refused before nginx sees it");
  await pushBroken(world, say);
  say.step("Push a release that does not work: it is rolled back automatically");
  await pushUnhealthy(world, say);
  say.step("Roll back by hand");
  await rollBack(world, say);
  say.step("Push the next release while nginx is held: ignored, until you unfreeze");
  await release(world, say);
  await unfreeze(world, say);
  say.step("Freeze, when nothing may change");
  await freeze(world, say);
  say.step("The tables");
  await ctl(world, say, ["list", "machines"], 0);
  await status(world, say);
  await ctl(world, say, ["log", "nginx"], 0);
}

/** What to do after the demo. */
export const whatNext = `
Every command above ran for real, on a host that is gone now.

  npm run dev                 the same host, and you push the buttons
  npm test                    all tests, on hosts like this one
  docs/operate.md             gitopper on your own hosts
  docs/config.example.toml    every key of the config
`;
