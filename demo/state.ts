/** How the demo's host really is, apart from what is shown: what the story says is compared with it. */
import type { ServiceRow } from "../src/api/original-shapes.ts";
import { poll } from "../test/host/poll.ts";
import type { World } from "./world.ts";

const patienceMs = 30_000;

/** @throws when a step of the tour has another result, with a sentence that names it */
export function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(`Not as expected: ${otherwise}`);
}

/** The service as the daemon has it. */
export async function row({ gitopper }: World): Promise<ServiceRow> {
  const found = (await gitopper.services()).find(({ service }) => service === "nginx");
  if (found === undefined) throw new Error("Not as expected: gitopper does not know nginx");
  return found;
}

export async function untilOk({ gitopper }: World, commit: string | undefined): Promise<void> {
  await gitopper.until("nginx", ({ hash, state }) => hash === commit && state === "OK", {
    timeoutMs: patienceMs,
  });
}

/** The number of the release that nginx has loaded; null while it does not answer. */
export async function liveNumber({ host, webPort }: World): Promise<number | null> {
  const command = `curl -sS http://127.0.0.1:${webPort}/release 2>&1 || true`;
  const [, number] = /^release (\d+)$/.exec(await host.sh(command)) ?? [];
  return number === undefined ? null : Number(number);
}

/** A reloaded nginx answers with its old worker for a moment longer: until there is one worker again. */
export async function untilLive(world: World, number: number | null | undefined): Promise<void> {
  const workers = "pid=$(cat /run/nginx.pid) && wc --words < /proc/$pid/task/$pid/children";
  await poll(
    async () => ((await world.host.sh(workers)) === "1" ? liveNumber(world) : null),
    (seen) => seen === number,
    {
      everyMs: 20,
      timeoutMs: patienceMs,
      failure: (seen) => `Not as expected: nginx answers with release ${seen} instead of ${number}`,
    },
  );
}

/** How often systemd has reloaded nginx. */
export async function reloads({ host }: World): Promise<number> {
  return Number(await host.sh("journalctl --sync; journalctl -u nginx -o cat | grep -c ^Reloaded || true"));
}
