/**
 * Releases a service with mounts of every kind, kills the process that does it at one step after the other, and prints
 * what went wrong, as JSON. usage: release-steps.ts DIR, in a mount namespace of its own
 * With a number it is the process to be killed: release-steps.ts DIR STEP
 */
import { spawnSync } from "node:child_process";
import fs, { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import type { Git } from "../../src/git/git.ts";
import { createMounter } from "../../src/host/mounts/mounter.ts";
import { createTrees } from "../../src/host/release/programs.ts";
import type { AbsPath } from "../../src/model/path.ts";
import { type Exec, exec } from "../../src/platform/process/exec.ts";
import { releaseServices } from "../../src/reconcile/release/release-services.ts";

export interface ReleaseKills {
  /** How many times the process was killed. */
  readonly kills: number;
  readonly faults: readonly string[];
}

const [, , dir = "", step] = process.argv;
const at = (path: string) => join(dir, path) as AbsPath;
const targets = ["etc/app", "etc/app/conf.d", "etc/app/main.conf", "etc/file"].map(at);

if (step === undefined) console.log(JSON.stringify(await killEverywhere()));
else await releaseUntil(Number(step));

/** Step by step, until the process is not killed any more. */
async function killEverywhere(): Promise<ReleaseKills> {
  const faults: string[] = [];
  for (let kills = 0; ; kills++) {
    await prepare();
    const before = visible();
    const killed = runOnce(kills + 1).signal === "SIGKILL";
    const check = (what: string, is: string, wanted: string) => {
      if (is !== wanted) faults.push(`step ${kills + 1}: ${what}: ${is}`);
    };
    if (killed) {
      check("files after the kill", visible(), before);
      const again = runOnce(0);
      check("the second run", `${again.status} ${again.stderr}`, "0 ");
    }
    check("files", visible(), before);
    check("mounts", sh(`grep -c ' ${dir}/etc/' /proc/self/mountinfo || true`), "0");
    check("hidden", sh("find /var/backups/gitopper -name hidden -exec cat {} + | sort -u"), "of the host");
    check(
      "hidden file",
      sh("find /var/backups/gitopper -name file -exec cat {} + | sort -u | head -1"),
      "own",
    );
    check("checkout and store", sh(`ls -A ${dir}/srv ${dir}/stores | grep -v ':$' || true`), "");
    for (const target of [...targets.toReversed(), at("etc"), dir])
      sh(`umount -l ${target} 2>/dev/null || true`);
    if (!killed) return { kills, faults };
  }
}

async function prepare(): Promise<void> {
  sh(`mount -t tmpfs tmpfs ${dir}; rm -rf /var/backups/gitopper`);
  const [checkout, store] = [at("srv/app"), at("stores/app")];
  for (const path of ["app/etc/conf.d", "inner", "one"]) mkdirSync(join(checkout, path), { recursive: true });
  for (const path of [store, at("low/app/sub/deep"), at("up"), at("work"), at("etc")])
    mkdirSync(path, { recursive: true });
  writeFileSync(join(checkout, ".git"), `gitdir: ${store}/worktrees/app\n`);
  writeFileSync(join(checkout, "app/etc/a.conf"), "a\n", { mode: 0o640 });
  writeFileSync(join(checkout, "app/etc/main.conf"), "covered\n");
  symlinkSync("../app/etc/a.conf", join(checkout, "app/etc/link"));
  writeFileSync(join(checkout, "inner/i.conf"), "i\n");
  writeFileSync(join(checkout, "one/main.conf"), "main\n");
  writeFileSync(join(checkout, "file"), "file\n");
  writeFileSync(at("low/app/sub/hidden"), "of the host\n");
  writeFileSync(at("low/app/sub/deep/hidden"), "of the host\n");
  writeFileSync(at("low/file"), "own\n");
  // It renames no directory of its lower layer, so that these are moved in many steps.
  sh(`cd ${dir} && mount -t overlay over -o lowerdir=low,upperdir=up,workdir=work etc`);
  sh(
    `chown -R 33:33 ${checkout}/app/etc; touch -d 2020-01-01T00:00:00.123456789 ${checkout}/app/etc ${checkout}/file`,
  );
  const sources = ["app/etc", "inner", "one/main.conf", "file"].map((path) => join(checkout, path));
  for (const [index, target] of targets.entries()) sh(`mount --bind ${sources[index]} ${target}`);
}

function runOnce(number: number) {
  const argv = ["--disable-warning=ExperimentalWarning", import.meta.filename, dir, String(number)];
  return spawnSync(process.execPath, argv, { encoding: "utf8" });
}

/** Kinds, modes, owners, times and contents below the targets. */
function visible(): string {
  return sh(`cd ${dir}/etc; find . -printf '%p %y %m %U:%G %l %T@\\n' | grep -v '^\\. ' | sort
find . -type f -exec sha256sum {} + | sort`);
}

function sh(script: string): string {
  return spawnSync("sh", ["-c", script], { encoding: "utf8" }).stdout.trimEnd();
}

/** Kills itself before the step of that number; 0: never. */
async function releaseUntil(last: number): Promise<void> {
  let steps = 0;
  const spend = () => {
    steps += 1;
    if (steps === last) process.kill(process.pid, "SIGKILL");
  };
  for (const name of ["renameSync", "mkdirSync", "writeFileSync"] as const) {
    const real = fs[name] as (...args: unknown[]) => unknown;
    Object.assign(fs, {
      [name]: (...args: unknown[]) => {
        spend();
        return real(...args);
      },
    });
  }
  syncBuiltinESMExports();
  const counted: Exec = (argv, options) => {
    spend();
    return exec(argv, options);
  };
  const mounter = createMounter(exec);
  const clean: Git = async () => ({ status: 0, stdout: "", stderr: "" });
  const service = { service: "app", checkout: at("srv/app"), store: at("stores/app"), user: "root" };
  const gone = new Set<string>();
  const [released] = await releaseServices([{ ...service, mounts: targets, sources: [] }], [], {
    ...{ exec: counted, trees: createTrees(counted), git: clean, now: new Date(), unmountOnly: false },
    mounter: {
      ...mounter,
      unmount: (target) => {
        spend();
        return mounter.unmount(target);
      },
    },
    unmounted: (target) => {
      spend();
      gone.add(target);
    },
  });
  const faults = [
    ...(released?.faults ?? []),
    ...(released?.done.filter((line) => line.includes("stays")) ?? []),
  ];
  if (gone.size !== targets.length)
    faults.push(`not unmounted: ${targets.filter((one) => !gone.has(one)).join()}`);
  process.stderr.write(faults.join("\n"));
}
