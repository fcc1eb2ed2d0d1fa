/** What the demo shows of the host: files, answers and tables, each with the command that shows it. */
import type { RunResult } from "../test/host/run.ts";
import type { Say } from "./say.ts";
import { demand } from "./state.ts";
import type { World } from "./world.ts";

/** Where the page is on the host. */
export const page = "/srv/www/index.html";

/** Runs a command on the host, says it, and prints what it prints. @throws when it fails */
export async function show({ host }: World, say: Say, command: string): Promise<void> {
  say.command(command);
  say.output(await host.sh(command));
}

/** Runs gitopperctl on the host, says it, and prints what it prints. @throws when its exit status is not `expected` */
export async function ctl(
  { gitopper }: { readonly gitopper: Pick<World["gitopper"], "tryCtl"> },
  say: Say,
  argv: readonly string[],
  expected: number | null,
): Promise<RunResult> {
  const line = `gitopperctl ${argv.map((word) => (word.includes(" ") ? `"${word}"` : word)).join(" ")}`;
  say.command(line);
  const result = await gitopper.tryCtl(...argv);
  say.output(result.stdout + result.stderr);
  demand(
    expected === null || result.status === expected,
    `"${line}" is expected to end with ${expected}, and ended with ${result.status}`,
  );
  return result;
}

/** The page as it is on the disk, and the release that nginx has loaded from nginx.conf. */
export async function showSite(world: World, say: Say): Promise<void> {
  await show(world, say, `cat ${page}`);
  await show(world, say, `curl -sS http://127.0.0.1:${world.webPort}/release`);
}
