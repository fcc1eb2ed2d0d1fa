/** The program of `npm run demo` and, with --keys, of `npm run dev`. Leaves nothing behind, whatever ends it. */
import { keyboard } from "./keyboard.ts";
import { createSay } from "./say.ts";
import { tour, whatNext } from "./tour.ts";
import { makeWorld } from "./world.ts";

const interrupted = 130;

async function main(stop: AbortSignal): Promise<number> {
  if (process.getuid?.() !== 0) throw new Error("Cannot boot a host: you are not root; run this as root");
  const { stdout, stdin, argv, env } = process;
  const withKeys = argv.includes("--keys");
  const colour = stdout.isTTY && env.NO_COLOR === undefined;
  const say = createSay((text) => stop.aborted || stdout.write(text), colour);
  await using stack = new AsyncDisposableStack();
  const play = async (): Promise<void> => {
    const begin = performance.now();
    say.step("Boot a host with a real systemd, and serve a git repository");
    const world = await makeWorld(stack);
    say.told(`web1 is up after ${seconds(begin)} s; the repository is cloned to ${world.workstation.dir}`);
    if (withKeys) return await keyboard(world, say, stdin);
    await tour(world, say);
    say.told(`${whatNext}\nIt took ${seconds(begin)} s.`);
  };
  const stopped = new Promise<"stopped">((resolve) =>
    stop.addEventListener("abort", () => resolve("stopped")),
  );
  return (await Promise.race([play(), stopped])) === "stopped" ? interrupted : 0;
}

function seconds(beginMs: number): string {
  return ((performance.now() - beginMs) / 1000).toFixed(1);
}

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());
// A reader that went away (`npm run demo | head`) ends it in order too.
process.stdout.on("error", () => stop.abort());

main(stop.signal).then(
  (status) => process.exit(status),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exit(1);
  },
);
