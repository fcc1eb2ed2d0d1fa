/** The demo that waits for keys: the whole system, with a good and a bad commit one key away. */
import {
  type Act,
  journal,
  pushBroken,
  pushElsewhere,
  pushUnhealthy,
  release,
  rollBack,
  start,
  status,
  toggleFreeze,
} from "./acts.ts";
import type { Say } from "./say.ts";
import type { World } from "./world.ts";

const keys: Readonly<Record<string, { readonly title: string; readonly act: Act }>> = {
  g: { title: "good commit", act: release },
  b: { title: "bad commit", act: pushBroken },
  u: { title: "unhealthy commit", act: pushUnhealthy },
  e: { title: "commit elsewhere", act: pushElsewhere },
  r: { title: "roll back", act: rollBack },
  f: { title: "freeze or unfreeze", act: toggleFreeze },
  l: { title: "status", act: status },
  j: { title: "journal", act: journal },
  s: { title: "shell", act: shell },
};
const quitKeys = ["q", "\x03", "\x04"];

/** Starts gitopper and does what the keys say, one at a time, until `q`, Ctrl-C or the end of the input. */
export async function keyboard(world: World, say: Say, input: NodeJS.ReadStream): Promise<void> {
  say.step("Start gitopper");
  await start(world, say);
  say.told(menu());
  if (input.isTTY) input.setRawMode(true);
  try {
    for await (const chunk of input) {
      for (const key of String(chunk)) {
        if (quitKeys.includes(key)) return;
        await press(key, world, say);
      }
    }
  } finally {
    if (input.isTTY) input.setRawMode(false);
  }
}

async function press(key: string, world: World, say: Say): Promise<void> {
  const chosen = keys[key];
  if (chosen === undefined) return;
  say.step(chosen.title);
  try {
    await chosen.act(world, say);
  } catch (error) {
    say.failed(error instanceof Error ? error.message : String(error));
  }
  say.told(menu());
}

function menu(): string {
  const entries = Object.entries(keys).map(([key, { title }]) => `${key} ${title}`);
  return `\n${[...entries, "q quit"].join(" · ")}`;
}

/** Ways in from another terminal of this machine. */
async function shell({ host, workstation, gitopper, webPort }: World, say: Say): Promise<void> {
  say.told("From another terminal:");
  say.command(`nsenter -t ${host.leaderPid} -a bash                            # a root shell on web1`);
  say.command(`cd ${workstation.dir}    # the clone: edit, commit, push`);
  say.command(`bin/gitopperctl pull nginx --wait @${gitopper.address}`);
  say.command(`curl http://127.0.0.1:${webPort}/`);
}
