/** A checkout that was removed by hand, and a daemon that is killed while it makes it again. */
import { cpSync, existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Git } from "../../src/git/git.ts";
import { FakeClock } from "../builders/fake-clock.ts";
import { aDaemonSetup, type DaemonSetup, runDaemonAt } from "./a-daemon.ts";
import { anUpstream, scratch } from "./a-store.ts";

/** The disk as it is now, for `restore`: what a kill at this moment leaves. */
function copyOf({ setup: { stateDir }, services: [{ checkout }] }: DaemonSetup): () => void {
  const copy = mkdtempSync(join(scratch, "killed-"));
  const parts = [stateDir, checkout].map((from, index) => ({ from, to: join(copy, String(index)) }));
  for (const { from, to } of parts) cpSync(from, to, { recursive: true, verbatimSymlinks: true });
  return () => {
    for (const { from, to } of parts) {
      rmSync(from, { recursive: true });
      renameSync(to, from);
    }
  };
}

test("the next daemon brings the files of a checkout that was made again and not filled", async () => {
  const upstream = anUpstream("made-anew", { "app/conf": "one\n" });
  const place = aDaemonSetup(upstream.path, new FakeClock("2026-11-28T12:00:00Z"));
  const file = join(place.services[0].checkout, "app/conf");
  const deploy = async (git: Git) => {
    await using daemon = runDaemonAt(place, [], { git });
    daemon.loop.requestPoll("app", "pull");
    await daemon.until(() => daemon.state().name === "OK" && existsSync(file));
    await daemon.loop.idle();
  };
  const { git } = place.setup;
  await deploy(git);

  rmSync(place.services[0].checkout, { recursive: true });
  let restore: (() => void) | null = null;
  await deploy((where, args, options) => {
    if (args[0] === "sparse-checkout") restore ??= copyOf(place);
    return git(where, args, options);
  });
  (restore as (() => void) | null)?.();
  expect(existsSync(file)).toBe(false);
  await deploy(git);
});
