/** What an administrator does with gitopper, one act each: it does it for real, and ends where it is not as it says. */
import type { Commit } from "../src/model/commit.ts";
import { shortCommit } from "../src/model/commit.ts";
import type { StateReason } from "../src/model/reason/state-reason.ts";
import type { FileChanges } from "../test/host/upstream.ts";
import { ctl, page, show, showSite } from "./look.ts";
import type { Say } from "./say.ts";
import { otherFiles, siteFiles } from "./site.ts";
import { demand, liveNumber, reloads, row, untilLive, untilOk } from "./state.ts";
import type { Release, World } from "./world.ts";

export type Act = (world: World, say: Say) => Promise<void>;

/** Exit statuses of gitopperctl. */
const done = 0;
const refused = 1;
const alarming = 3;

/** Starts the daemon; nginx runs for the first time. */
export const start: Act = async (world, say) => {
  say.command("cat /etc/gitopper/config.toml");
  say.output(world.config);
  await show(world, say, "systemctl start gitopper");
  const [first] = world.releases;
  await untilOk(world, first?.commit);
  await show(world, say, "findmnt --list --noheadings --output TARGET,SOURCE | grep /srv/gitopper");
  await ctl(world, say, ["list", "services"], done);
  await expectSite(world, say, first?.number);
  say.told("It cloned what nginx needs, mounted it where nginx reads it, and started nginx.");
};

/** A push that changes nginx's files. */
export const release: Act = async (world, say) => {
  const number = ++world.lastNumber;
  const commit = await push(world, say, siteFiles(world.webPort, number), `release ${number}`);
  if (await isHeld(world)) return await pullHeld(world, say);
  const before = await reloads(world);
  await ctl(world, say, ["pull", "nginx", "--wait"], done);
  await arrive(world, say, { number, commit });
  const count = (await reloads(world)) - before;
  demand(count === 1, `one reload is expected, and there were ${count}`);
  say.told(`New files, ${count} reload.`);
};

/** A push that changes only the files of other services. */
export const pushElsewhere: Act = async (world, say) => {
  const commit = await push(world, say, otherFiles(++world.elsewhere), "more database connections");
  if (await isHeld(world)) return await pullHeld(world, say);
  const before = await reloads(world);
  await ctl(world, say, ["pull", "nginx", "--wait"], done);
  demand((await row(world)).hash === commit, `nginx is expected to be at ${shortCommit(commit)}`);
  const count = (await reloads(world)) - before;
  demand(count === 0, `no reload is expected, and there were ${count}`);
  say.told("The commit moved on; nothing of nginx is in it, so nginx was left alone: 0 reloads.");
};

/** A push that the check of the config refuses, before its files are visible. */
export const pushBroken: Act = async (world, say) => {
  const number = ++world.lastNumber;
  const live = await liveNumber(world);
  const files = siteFiles(world.webPort, number, "broken");
  const commit = await push(world, say, files, `release ${number}, with a typo in nginx.conf`);
  if (await isHeld(world)) return await pullHeld(world, say);
  await ctl(world, say, ["pull", "nginx", "--wait"], alarming);
  await expectBad(world, "refused", commit);
  await expectSite(world, say, live);
  say.told("nginx -t found the mistake before the files were in place: page and nginx are as before.");
};

/** A push that nginx takes, and whose page is not there: the health probe finds that. */
export const pushUnhealthy: Act = async (world, say) => {
  const number = ++world.lastNumber;
  const live = await liveNumber(world);
  const files = siteFiles(world.webPort, number, "unhealthy");
  const commit = await push(world, say, files, `release ${number}, with a wrong root`);
  if (await isHeld(world)) return await pullHeld(world, say);
  await ctl(world, say, ["pull", "nginx", "--wait"], alarming);
  await expectBad(world, "rolled-back", commit);
  await expectSite(world, say, live);
  say.told("nginx took it, the health probe did not: gitopper went back to the release before by itself.");
};

/** Back to the newest release that worked and is not the one that is there. */
export const rollBack: Act = async (world, say) => {
  const live = await liveNumber(world);
  const goal = world.releases.findLast(({ number }) => number !== live);
  if (goal === undefined) return say.told("There is only one release yet.");
  await ctl(world, say, ["rollback", "nginx", shortCommit(goal.commit), "--wait"], done);
  await expectRow(world, "FREEZE", goal.commit);
  await expectSite(world, say, goal.number);
  say.told(`Files and nginx are those of release ${goal.number} again, and it stays there: FREEZE.`);
};

/** Holds the service where it is, or lets it go. */
export const toggleFreeze: Act = async (world, say) => {
  await ((await isHeld(world)) ? unfreeze : freeze)(world, say);
};

export const freeze: Act = async (world, say) => {
  const { hash } = await row(world);
  await ctl(world, say, ["freeze", "nginx", "--for", "2h", "--reason", "big sale"], done);
  await expectRow(world, "FREEZE", hash);
};

/** Lets the service follow its upstream again, and waits until it has caught up. */
export const unfreeze: Act = async (world, say) => {
  const commit = await world.workstation.head();
  await ctl(world, say, ["unfreeze", "nginx", "--yes", "--wait"], done);
  await arrive(world, say, { number: await numberOnPage(world), commit });
};

export const status: Act = async (world, say) => {
  await ctl(world, say, ["status"], null);
};

/** What the daemon and nginx have logged. */
export const journal: Act = async (world, say) => {
  await show(world, say, "journalctl -u gitopper -u nginx -n 15 -o short --no-hostname --no-pager");
};

async function push(world: World, say: Say, files: FileChanges, message: string): Promise<Commit> {
  say.command(`git commit --all --message="${message}" && git push`);
  const commit = await world.workstation.push(files, message);
  say.output(`[main ${shortCommit(commit)}] ${message}`);
  return commit;
}

/** A frozen service refuses it, and keeps what it has. */
async function pullHeld(world: World, say: Say): Promise<void> {
  const before = await row(world);
  const { stderr } = await ctl(world, say, ["pull", "nginx"], refused);
  demand(/frozen|held|FREEZE/i.test(stderr), "gitopperctl is expected to say that nginx is frozen");
  await expectRow(world, before.state, before.hash);
  say.told("It is held, so the push changes nothing here until you unfreeze it.");
}

async function arrive(world: World, say: Say, come: Release): Promise<void> {
  await expectRow(world, "OK", come.commit);
  await expectSite(world, say, come.number);
  world.releases.push(come);
}

/** Shows the page and what nginx answers, and that both are of this release. */
async function expectSite(world: World, say: Say, number: number | null | undefined): Promise<void> {
  await untilLive(world, number);
  await showSite(world, say);
  const onDisk = await numberOnPage(world);
  demand(onDisk === number, `${page} is expected to be release ${number}, and is ${onDisk}`);
}

async function expectRow(world: World, state: string, hash: string): Promise<void> {
  const seen = await row(world);
  const as = ({ state, hash }: { state: string; hash: string }) => `${state} at ${hash.slice(0, 8)}`;
  demand(
    seen.state === state && seen.hash === hash,
    `nginx is expected to be ${as({ state, hash })}, and is ${as(seen)}`,
  );
}

async function expectBad(world: World, reason: StateReason, commit: Commit): Promise<void> {
  const seen = await world.gitopper.details("nginx");
  demand(
    seen.reason === reason && seen.bad?.commit === commit,
    `${shortCommit(commit)} is expected to be ${reason}, and nginx has "${seen.info}"`,
  );
}

async function isHeld(world: World): Promise<boolean> {
  return (await world.gitopper.details("nginx")).held !== null;
}

async function numberOnPage({ host }: World): Promise<number> {
  return Number(/Release (\d+)/.exec(await host.read(page))?.[1]);
}
