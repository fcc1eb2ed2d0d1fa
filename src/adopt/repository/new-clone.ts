/** Makes a clone of the config repository for the administrator. */
import { chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gitProblem } from "../../git/git.ts";
import { splitCredentials } from "../../git/upstream.ts";
import type { AbsPath } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";
import { untrustedPart } from "../../platform/files/trust.ts";
import { accountOf, openClone, type Repository } from "./repository.ts";
import type { Workspace } from "./workspace.ts";

/** Clones the upstream without its files. @throws Problem when the directory exists, or upstream cannot be read */
export async function makeClone(
  upstream: string,
  directory: string,
  workspace: Workspace,
): Promise<Repository> {
  const path = resolve(directory) as AbsPath;
  if (existsSync(path)) {
    const remedy = `use it with --clone ${directory}, or go to another directory`;
    throw new Problem("git", `Cannot clone into ${JSON.stringify(directory)}: it exists; ${remedy}`);
  }
  const open = untrustedPart(path);
  if (open !== null)
    throw new Problem(
      "git",
      `Cannot clone into ${JSON.stringify(directory)}: others than root can change ${open}`,
    );
  mkdirSync(path);
  try {
    await fetchInto(path, upstream, workspace);
    return await openClone(directory, workspace);
  } catch (error) {
    rmSync(path, { recursive: true, force: true });
    throw gitProblem("Cannot clone the upstream", error);
  }
}

async function fetchInto(path: AbsPath, upstream: string, { git, exec }: Workspace): Promise<void> {
  const account = await accountOf(process.getuid?.() ?? 0, { exec });
  const gitDir = join(path, ".git") as AbsPath;
  const place = { path: gitDir, account };
  // A password in the URL would be in the argv of git.
  const { url, credentials } = splitCredentials(upstream);
  await git(place, ["init", "--quiet", "--template="]);
  await git(place, ["remote", "add", "--", "origin", url]);
  if (credentials !== "") {
    const file = join(gitDir, "credentials");
    writeFileSync(file, credentials, { mode: 0o600 });
    chownSync(file, account.uid, account.gid);
    const helper = `store --file='${file.replaceAll("'", "'\\''")}'`;
    await git(place, ["config", "credential.helper", helper]);
  }
  await git(place, ["fetch", "--quiet", "--progress", "origin"], { network: "transfer" });
}
