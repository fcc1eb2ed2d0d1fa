/** What an administrator does with gitopper, one act each: it does it for real, and shows what came of it. */
import type { Commit } from "../src/model/commit.ts";
import { shortCommit } from "../src/model/commit.ts";
import type { FileChanges } from "../test/host/upstream.ts";
import {
  ctl,
  lastDeployment,
  liveNumber,
  page,
  reloads,
  show,
  showSite,
  untilLive,
  untilTried,
} from "./look.ts";
import type { Say } from "./say.ts";
import { otherFiles, siteFiles } from "./site.ts";
import type { World } from "./world.ts";

export type Act = (world: World, say: Say) => Promise<void>;

/** Starts the daemon; nginx runs for the first time. */
export const start: Act = async (world, say) => {
  say.command("cat /etc/gitopper/config.toml");
  say.output(world.config);
  say.command("systemctl start gitopper");
  await world.gitopper.start();
  const [first] = world.releases;
  if (first) await untilTried(world, first.commit);
  await show(world, say, "findmnt --list --noheadings --output TARGET,SOURCE | grep /srv/gitopper");
  await showSite(world, say);
  say.told("It cloned what nginx needs, mounted it where nginx reads it, and started nginx.");
};

/** A push that changes nginx's files. */
export const release: Act = async (world, say) => {
  const number = ++world.lastNumber;
  const commit = await push(world, say, siteFiles(world.webPort, number), `release ${number}`);
  if (await pull(world, say)) await arrive(world, say, { number, commit });
  else say.told("It is held, so the push changes nothing here until you unfreeze it.");
};

/** A push that changes only the files of other services. */
export const pushElsewhere: Act = async (world, say) => {
  const before = await reloads(world);
  const commit = await push(world, say, otherFiles(++world.elsewhere), "more database connections");
  if (!(await pull(world, say))) return;
  const came = await untilTried(world, commit);
  await list(world, say);
  const count = (await reloads(world)) - before;
  if (came === "has it" && count === 0)
    say.told("The commit moved on; nothing of nginx is in it, so nginx was left alone: 0 reloads.");
};

/** A push that nginx refuses. */
export const pushBroken: Act = async (world, say) => {
  const number = ++world.lastNumber;
  const files = siteFiles(world.webPort, number, "broken");
  const commit = await push(world, say, files, `release ${number}, with a typo in nginx.conf`);
  if (!(await pull(world, say))) return;
  await untilTried(world, commit);
  await list(world, say);
  await show(world, say, "journalctl -u nginx -o cat --no-pager | grep emerg | tail -n 1");
  await showSite(world, say);
  say.told("The reload failed: BROKEN, with the reason. nginx itself goes on with what it had loaded.");
};

/** Back to the last release that worked, or to the one before if that is what there is. */
export const rollBack: Act = async (world, say) => {
  const [row] = await world.gitopper.services();
  const live = await liveNumber(world);
  const well = row?.state === "OK" || row?.state === "FREEZE";
  const goal = world.releases.findLast(({ number }) => !well || number !== live);
  if (goal === undefined) return say.told("There is only one release yet.");
  if (!(await ctl(world, say, "state", "rollback", "nginx", shortCommit(goal.commit)))) return;
  await untilTried(world, goal.commit);
  await untilLive(world, goal.number);
  await showSite(world, say);
  await list(world, say);
  say.told(`Files and nginx are those of release ${goal.number} again, and it stays there: FREEZE.`);
};

/** Holds the service where it is, or lets it go. */
export const toggleFreeze: Act = async (world, say) => {
  const [row] = await world.gitopper.services();
  const held = row?.state === "FREEZE" || row?.stateinfo.includes("(held") === true;
  await (held ? unfreeze : freeze)(world, say);
};

export const freeze: Act = async (world, say) => {
  await ctl(world, say, "state", "freeze", "nginx");
  await list(world, say);
};

/** Lets the service follow its upstream again, and waits until it has caught up. */
export const unfreeze: Act = async (world, say) => {
  await ctl(world, say, "state", "unfreeze", "nginx");
  const commit = await world.desk.head();
  const came = await untilTried(world, commit);
  const number = await numberOnPage(world);
  if (came === "has it") {
    await untilLive(world, number);
    world.releases.push({ number, commit });
  }
  await showSite(world, say);
  await list(world, say);
};

export const list: Act = async (world, say) => {
  await ctl(world, say, "list", "services");
};

/** What the daemon and nginx have logged. */
export const journal: Act = async (world, say) => {
  await show(world, say, "journalctl -u gitopper -u nginx -n 15 -o short --no-hostname --no-pager");
};

async function push(world: World, say: Say, files: FileChanges, message: string): Promise<Commit> {
  say.command(`git commit --all --message="${message}" && git push`);
  const commit = await world.desk.push(files, message);
  say.output(`[main ${shortCommit(commit)}] ${message}`);
  return commit;
}

/** False when the daemon refuses, because the service is held. */
function pull(world: World, say: Say): Promise<boolean> {
  return ctl(world, say, "do", "pull", "nginx");
}

async function arrive(
  world: World,
  say: Say,
  come: { readonly number: number; readonly commit: Commit },
): Promise<void> {
  await untilTried(world, come.commit);
  await untilLive(world, come.number);
  world.releases.push(come);
  await showSite(world, say);
  say.told(`The daemon's own words: ${await lastDeployment(world)}`);
}

async function numberOnPage({ host }: World): Promise<number> {
  return Number(/Release (\d+)/.exec(await host.read(page))?.[1]);
}
