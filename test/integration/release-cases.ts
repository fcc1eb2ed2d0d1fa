/**
 * Releases mounts in places of every kind, and prints what came of each, as JSON.
 * usage: release-cases.ts DIR, in a mount namespace of its own
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { createMounter } from "../../src/host/mounts/mounter.ts";
import { createTrees } from "../../src/host/release/programs.ts";
import { openView } from "../../src/host/release/view.ts";
import type { AbsPath } from "../../src/model/path.ts";
import { exec } from "../../src/platform/process/exec.ts";
import { releaseServices } from "../../src/reconcile/release/release-services.ts";

export interface ReleaseCases {
  readonly results: Readonly<Record<string, ReleaseCase>>;
  readonly swapped: string;
}

export interface ReleaseCase {
  /** Why it was refused; empty: it was not. */
  readonly fault: string;
  /** The service sees the same files as before. */
  readonly same: boolean;
  /** Something of gitopper's is mounted. */
  readonly mounted: boolean;
  /** The files in the backups. */
  readonly kept: string;
  /** What the case prints at its end. */
  readonly said: string;
}

interface Setup {
  /** Paths in the checkout, by the path that they are mounted at. */
  readonly mounts: Readonly<Record<string, string>>;
  /** Shell code before the mounts, between them and the release, and after it. */
  readonly before?: string;
  readonly meanwhile?: string;
  readonly after?: string;
  /** Mount options. */
  readonly options?: string;
}

const [, , dir = ""] = process.argv;

const cases: Readonly<Record<string, Setup>> = {
  "a file system is mounted beneath": {
    mounts: { "etc/app": "app/etc" },
    before: "mount -t tmpfs -o size=64m volume etc/app; echo own >etc/app/own",
    after: "findmnt -n -o SOURCE etc/app",
  },
  "the whole repository is mounted": { mounts: { "etc/app": "." } },
  "the mount is read-only": { mounts: { "etc/app": "app/etc", "etc/file": "file" }, options: "bind,ro" },
  "the hidden files are the same": {
    mounts: { "etc/app": "app/etc", "etc/file": "file" },
    before: "cp -a co/app/app/etc/. etc/app/; cp -a co/app/app/etc/. etc/app; cp -a co/app/file etc/file",
  },
  "it is mounted twice": {
    mounts: { "etc/app": "app/etc" },
    meanwhile: "mount --bind co/app/app/etc etc/app",
  },
  "the service's user owns the directory around it": {
    mounts: { "etc/app": "app/etc", "etc/file": "file" },
    before: "chown 33:33 etc etc/app etc/file",
  },
  "mounts inside it were made before it": {
    mounts: { "etc/app/sub": "app/etc/sub", "etc/app/a.conf": "file", "etc/app": "app/etc" },
    before: "mkdir etc/app/sub; echo own >etc/app/sub/own; echo own >etc/app/a.conf",
    meanwhile: "mount --bind co/app/app/etc/sub etc/app/sub; mount --bind co/app/file etc/app/a.conf",
  },
  "it is on an overlay, which renames no directory of a lower layer": {
    mounts: { "etc/app": "app/etc" },
    before: `mkdir -p low/app/sub/deep up work; chmod 750 low/app/sub
echo own >low/app/sub/own; echo deep >low/app/sub/deep/deep
mount -t overlay over -o lowerdir=low,upperdir=up,workdir=work etc`,
    after: "find /var/backups/gitopper -name sub -printf '%m'",
  },
  "a release was interrupted, and the host has booted since": {
    mounts: { "etc/app": "app/etc" },
    before: "mkdir -m 700 etc/app/.gitopper-release",
    meanwhile: "umount etc/app",
    after: "ls -A etc/app co/app",
  },
  "something is mounted inside": {
    mounts: { "etc/app": "app/etc" },
    meanwhile: "mount -t tmpfs other etc/app/sub",
  },
  "something is mounted over it": {
    mounts: { "etc/app": "app/etc" },
    meanwhile: "mount -t tmpfs other etc/app",
  },
  "something is mounted on a hidden directory": {
    mounts: { "etc/app": "app/etc" },
    before: "mkdir etc/app/data; mount -t tmpfs other etc/app/data",
    after: "umount etc/app; ls -A etc/app",
  },
  "the hidden file has another name": {
    mounts: { "etc/file": "file" },
    before: "echo shared >other; ln -f other etc/file",
    after: "cat other",
  },
  "the disk is full": {
    mounts: { "etc/app": "app/etc", "etc/file": "file" },
    before: "mount -t tmpfs -o size=1m small etc; mkdir etc/app; echo own >etc/app/own; echo own >etc/file",
  },
};

const results: Record<string, ReleaseCase> = {};
for (const [name, setup] of Object.entries(cases)) results[name] = await tryCase(setup);
console.log(JSON.stringify({ results, swapped: await readSwapped() }));

/** What a program says that reads through a directory that was swapped for a symlink after the view was opened. */
async function readSwapped(): Promise<string> {
  sh(`cd /; mount -t tmpfs tmpfs ${dir}`);
  sh("mkdir -p co/sub secret; echo secret >secret/s.conf; echo plain >co/sub/s.conf");
  using view = await openView({ path: join(dir, "co") as AbsPath, readOnly: true, file: false }, exec);
  const read = (options: { okStatus: number[] }) =>
    exec(["cat", "/proc/self/fd/3/sub/s.conf"], { timeoutMs: 5_000, fds: [view.fd], ...options });
  const before = await read({ okStatus: [0] });
  sh("mv co/sub co/gone; ln -s ../secret co/sub");
  const after = await read({ okStatus: [1] });
  return `${before.stdout}${after.stdout}${after.stderr}`;
}

async function tryCase({ mounts, before = "", meanwhile = "", after = "", options = "bind" }: Setup) {
  sh(`cd /; mount -t tmpfs tmpfs ${dir}; rm -rf /var/backups/gitopper`);
  sh(`mkdir -p co/app/app/etc/sub etc/app stores/app
echo "gitdir: ${dir}/stores/app/worktrees/app" >co/app/.git
echo a >co/app/app/etc/a.conf; echo s >co/app/app/etc/sub/s.conf; echo file >co/app/file; echo own >etc/file
${before}`);
  for (const [target, path] of Object.entries(mounts))
    sh(`mount -o ${options} co/app/${path} ${target}; mount --make-private ${target}`);
  sh(meanwhile);
  const seen = visible();
  const [released] = await release(Object.keys(mounts));
  const result: ReleaseCase = {
    fault: released?.faults.join("; ").replaceAll(dir, "") ?? "",
    same: visible() === seen,
    mounted: sh("grep -c /co/app /proc/self/mountinfo || true") !== "0",
    kept: sh("cd /var/backups/gitopper 2>/dev/null && find . -type f -printf '%f\\n' | sort | tr '\\n' ' '"),
    said: sh(after),
  };
  sh(`cd /; while umount -l ${dir} 2>/dev/null; do :; done`);
  return result;
}

function release(targets: readonly string[]) {
  const at = (path: string) => join(dir, path) as AbsPath;
  const place = { service: "app", checkout: at("co/app"), store: at("stores/app"), user: "root" };
  return releaseServices([{ ...place, mounts: targets.map(at), sources: [] }], [], {
    ...{ exec, trees: createTrees(exec), mounter: createMounter(exec), now: new Date(), unmountOnly: false },
    git: async () => ({ status: 0, stdout: "", stderr: "" }),
    unmounted: () => {},
  });
}

function visible(): string {
  return sh(
    "find etc -mindepth 1 -printf '%p %y %m %U:%G %l\\n' | sort; find etc -type f -exec sha256sum {} + | sort",
  );
}

function sh(script: string): string {
  return spawnSync("sh", ["-c", script], { cwd: dir, encoding: "utf8" }).stdout.trimEnd();
}
