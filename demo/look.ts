/** What the demo shows of the host: files, answers, logs and tables, each with the command that shows it. */
import { type Commit, shortCommit } from "../src/model/commit.ts";
import { poll } from "../test/host/poll.ts";
import type { Say } from "./say.ts";
import type { World } from "./world.ts";

const patienceMs = 30_000;
/** Where the page is on the host. */
export const page = "/srv/www/index.html";

/** Runs a command on the host, says it, and prints what it prints. */
export async function show({ host }: World, say: Say, command: string): Promise<void> {
  say.command(command);
  say.output(await host.sh(command));
}

/** Runs gitopperctl, says it, and prints what it prints; answers whether it was done. */
export async function ctl({ gitopper, target }: World, say: Say, ...words: string[]): Promise<boolean> {
  const [group = "", verb = "", ...rest] = words;
  const argv = [group, verb, target, ...rest];
  say.command(`gitopperctl ${argv.join(" ")}`);
  const { status, stdout, stderr } = await gitopper.tryCtl(...argv);
  say.output(stdout + stderr);
  return status === 0;
}

/** The page as it is on the disk, and the release that nginx has loaded from nginx.conf. */
export async function showSite(world: World, say: Say): Promise<void> {
  await show(world, say, `cat ${page}`);
  await show(world, say, `curl -sS http://127.0.0.1:${world.webPort}/release`);
}

/** The number of the release that nginx has loaded; null while it does not answer. */
export async function liveNumber({ host, webPort }: World): Promise<number | null> {
  const command = `curl -sS http://127.0.0.1:${webPort}/release 2>&1 || true`;
  const [, number] = /^release (\d+)$/.exec(await host.sh(command)) ?? [];
  return number === undefined ? null : Number(number);
}

/** A reloaded nginx answers with its old worker for a moment longer: until there is one worker again. */
export async function untilLive(world: World, number: number): Promise<void> {
  const workers = "pid=$(cat /run/nginx.pid) && wc --words < /proc/$pid/task/$pid/children";
  await poll(
    async () => ((await world.host.sh(workers)) === "1" ? liveNumber(world) : null),
    (seen) => seen === number,
    { everyMs: 20, timeoutMs: patienceMs, failure: (seen) => `nginx still answers with release ${seen}` },
  );
}

/** How often systemd has reloaded nginx. */
export async function reloads({ host }: World): Promise<number> {
  return Number(await host.sh("journalctl --sync; journalctl -u nginx -o cat | grep -c ^Reloaded || true"));
}

/** Waits until the commit is what the service has, or could not be; answers which. */
export async function untilTried(world: World, commit: Commit): Promise<"has it" | "could not"> {
  const failure = `could not deploy .*${shortCommit(commit)} \\(`;
  return poll(
    async () => {
      const [row] = await world.gitopper.services();
      if (row?.hash === commit && ["OK", "FREEZE"].includes(row.state)) return "has it";
      const broken = row?.state === "BROKEN" || row?.state === "DIFF";
      return broken && new RegExp(failure).test(await world.gitopper.journal()) ? "could not" : null;
    },
    (seen) => seen !== null,
    { everyMs: 20, timeoutMs: patienceMs, failure: () => world.gitopper.journal(20) },
  ).then((seen) => seen ?? "could not");
}

/** What gitopper itself says that it did last, without the name of the service. */
export async function lastDeployment({ host }: World): Promise<string> {
  const log = await host.sh("journalctl --sync; journalctl -u gitopper -o cat");
  const lines = log.split("\n").filter((line) => /^nginx: (could not deploy|deployed)/.test(line));
  return lines.at(-1) ?? "";
}
