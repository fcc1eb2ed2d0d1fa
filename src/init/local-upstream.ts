/** `gitopper init --local`: a bare repository on this host, to which root pushes. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { StartFailure } from "../daemon/setup.ts";
import { parseAbsPath } from "../model/path.ts";
import { untrustedPart } from "../platform/files/trust.ts";
import { type Exec, ExecFailure } from "../platform/process/exec.ts";

export const defaultPlace = "/srv/git/config.git";

/** Runs as the user who pushes; only root can. The daemon deploys by itself, also if the pusher hangs up. */
const hook = `#!/bin/sh
# Deploys a push at once, and shows what comes of it. Written by "gitopper init --local".
exec gitopperctl pull --all --wait </dev/null
`;

/** Where `--local` wants it. @throws StartFailure */
export function localPlace(given: string | true): string {
  const place = given === true ? defaultPlace : parseAbsPath(given);
  if (place === null || place === "/")
    throw new StartFailure([
      `--local ${JSON.stringify(given)} is not an absolute path, such as ${defaultPlace}`,
    ]);
  return place;
}

/** A directory where a repository can be made; a bundle is a file that an admin brings. */
export function isVacant(upstream: string): boolean {
  return upstream.startsWith("/") && !upstream.endsWith(".bundle") && !existsSync(upstream);
}

/** Makes the repository unless it is there: whole from the first moment, for root only. @throws StartFailure */
export async function ensureLocalUpstream(
  place: string,
  branch: string,
  { exec, say }: { readonly exec: Exec; readonly say: (line: string) => void },
): Promise<void> {
  const isThere = existsSync(place);
  if (isThere && !["HEAD", "objects", "refs"].every((name) => existsSync(join(place, name))))
    throw new StartFailure([
      `${place} is there and is not a bare repository: move it away, or give --local another directory`,
    ]);
  if (!isThere) await makeRepository(place, branch, exec);
  say(isThere ? `kept the repository ${place}` : `made the repository ${place}, for root only`);
}

async function makeRepository(place: string, branch: string, exec: Exec): Promise<void> {
  mkdirSync(dirname(place), { recursive: true, mode: 0o755 });
  const open = untrustedPart(place);
  if (open !== null)
    throw new StartFailure([`Others than root can write in ${open}; choose another place for --local`]);
  const beside = `${place}.gitopper-new`;
  // What an interrupted run left.
  rmSync(beside, { recursive: true, force: true });
  mkdirSync(beside, { mode: 0o700 });
  const env = { HOME: "/", GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
  const git = (...args: readonly string[]) => exec(["git", ...args], { timeoutMs: 60_000, env });
  try {
    await git("init", "--quiet", "--bare", "--template=", `--initial-branch=${branch}`, "--", beside);
    // The daemon then takes only the files that it needs.
    for (const key of ["uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"])
      await git(`--git-dir=${beside}`, "config", key, "true");
  } catch (error) {
    if (!(error instanceof ExecFailure)) throw error;
    throw new StartFailure([`Cannot make the repository ${place}: ${error.keyLine}`], { cause: error });
  }
  mkdirSync(join(beside, "hooks"), { recursive: true });
  writeFileSync(join(beside, "hooks", "post-receive"), hook, { mode: 0o755 });
  renameSync(beside, place);
}

/** How to push to an upstream that init has made on this host; nothing for any other. */
export function howToPush(place: string): readonly string[] {
  if (!isOurs(place)) return [];
  return [
    `To push, clone it: git clone ${place}`,
    `  or elsewhere:     git clone ssh://root@${hostname()}${place}`,
  ];
}

function isOurs(place: string): boolean {
  const path = join(place, "hooks", "post-receive");
  return place.startsWith("/") && existsSync(path) && readFileSync(path, "utf8") === hook;
}
