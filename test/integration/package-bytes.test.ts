/** `npm run package` makes the same bytes for the same commit. */
import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { repositoryRoot } from "../host/host.ts";
import { buildEnv, builtPackages } from "../host/packages.ts";
import { run } from "../host/run.ts";
import { makeTempDir } from "../host/temp-dir.ts";

/** A clone with what is not committed. */
async function copyCheckout(to: string): Promise<void> {
  await run(["git", "clone", "--quiet", "--shared", "--no-checkout", repositoryRoot, to], {
    timeoutMs: 60_000,
  });
  const copy =
    'cd "$0"; git ls-files -z -co --exclude-standard | tar -c --null -T - --ignore-failed-read | tar -x -C "$1"';
  await run(["/bin/sh", "-euc", copy, repositoryRoot, to], { timeoutMs: 60_000 });
  cpSync(join(repositoryRoot, "node_modules"), join(to, "node_modules"), {
    recursive: true,
    verbatimSymlinks: true,
  });
}

test("another directory, umask, time zone and language give the same files", {
  timeout: 900_000,
}, async () => {
  const dir = makeTempDir("packages");
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const elsewhere = join(dir, "another-checkout");
  mkdirSync(elsewhere);
  await copyCheckout(elsewhere);
  const env = { ...buildEnv(), TZ: "Pacific/Kiritimati", LC_ALL: "C", TMPDIR: dir };
  const build = 'umask 077; cd "$0"; scripts/package --quick --arch amd64 --output "$1"';
  const output = join(dir, "out");
  await run(["/bin/sh", "-euc", build, elsewhere, output], { env, timeoutMs: 600_000 });

  const sums = (path: string) => readFileSync(join(path, "SHA256SUMS"), "utf8").split("\n").sort();
  const here = sums((await builtPackages()).dir);
  expect(sums(output)).toHaveLength(4);
  expect(here).toEqual(expect.arrayContaining(sums(output)));
});
