/** The tarball of one architecture, for hosts without dpkg. */
import { chmodSync, copyFileSync, cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Build, repository, runTool } from "./build.ts";
import type { Arch } from "./options.ts";

/** What only Debian has a use for. */
const debianOnly = [
  "DEBIAN",
  "etc/apt",
  "etc/gitopper",
  "usr/share/lintian",
  "usr/share/doc/gitopper/changelog.gz",
];

/** Packs the files of a Debian package, and the script that installs them. */
export async function makeTarball(build: Build, arch: Arch, tree: string): Promise<string> {
  const name = `gitopper-${build.version}-linux-${arch}`;
  const dir = join(build.work, name);
  cpSync(tree, dir, { recursive: true, verbatimSymlinks: true });
  for (const path of debianOnly) rmSync(join(dir, path), { recursive: true });
  mkdirSync(join(dir, "etc"), { recursive: true });
  copyFileSync(join(repository, "packaging/tarball/install.sh"), join(dir, "install.sh"));
  chmodSync(join(dir, "install.sh"), 0o755);
  const owners = [
    "--owner=root:0",
    "--group=root:0",
    `--mtime=@${build.epoch}`,
    "--sort=name",
    "--format=gnu",
  ];
  const file = `${dir}.tar.xz`;
  const compress = `--use-compress-program=xz --threads=2 -${build.xzLevel}`;
  await runTool([
    "tar",
    "--create",
    `--file=${file}`,
    compress,
    ...owners,
    `--directory=${build.work}`,
    name,
  ]);
  return file;
}
