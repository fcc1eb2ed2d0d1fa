/** Packages of gitopper and their apt repository, as `npm run package` and `npm run package:repo` make them. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { TestHost } from "./host.ts";
import { repositoryRoot } from "./host.ts";
import { type RunResult, run } from "./run.ts";

const keyring = "gitopper-archive-keyring.gpg";
const timeoutMs = 120_000;

/** Makes packages of a version for this machine, in `<dir>/<version>`. */
export async function makePackages(dir: string, version: string): Promise<void> {
  const arch = (await run(["dpkg", "--print-architecture"])).stdout.trim();
  const argv = ["scripts/package", "--version", version, "--arch", arch, "--quick"];
  await run([...argv, "--output", join(dir, version)], { cwd: repositoryRoot, timeoutMs });
}

export interface Published {
  readonly stable: string;
  readonly previous?: string;
  /** Whose keys: those of the maintainers, or of a stranger. */
  readonly keys?: "ours" | "theirs";
  /** Which of the two keys signs; default is the first. */
  readonly signer?: "current" | "next";
}

/** Replaces the repository in `<dir>/repository` by one with packages of `<dir>/<version>`. */
export async function publish(dir: string, url: string, published: Published): Promise<void> {
  const { stable, previous, keys = "ours", signer = "current" } = published;
  const other = signer === "current" ? "next" : "current";
  const argv = ["scripts/package-repo", "--test-keys", join(dir, keys), "--url", url];
  const signing = ["--key", `${signer}@test.invalid`, "--next", `${other}@test.invalid`];
  const from = ["--packages", join(dir, stable), ...(previous ? ["--previous", join(dir, previous)] : [])];
  await run([...argv, ...signing, ...from, "--output", join(dir, "repository")], {
    cwd: repositoryRoot,
    timeoutMs,
  });
  expect(existsSync(join(dir, "repository", keyring))).toBe(true);
}

/** Does what the documents say before the first `apt-get update`. */
export async function addRepository(host: TestHost, url: string): Promise<void> {
  await host.run(["curl", "--fail", "--silent", "-o", `/etc/apt/keyrings/${keyring}`, `${url}/${keyring}`]);
  const sources = "/etc/apt/sources.list.d/gitopper.sources";
  await host.run(["curl", "--fail", "--silent", "-o", sources, `${url}/gitopper.sources`]);
}

/** Without a terminal: questions get their defaults. */
export function apt(host: TestHost, ...words: readonly string[]): Promise<RunResult> {
  const argv = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "--yes", ...words];
  return host.run(argv, { timeoutMs, allowFailure: true });
}
