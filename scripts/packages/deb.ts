/** The Debian package of one architecture, made by debhelper from packaging/debian. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Build, repository, runTool } from "./build.ts";
import { renderChangelog } from "./changelog.ts";
import { renderCopyright } from "./copyright.ts";
import { type Arch, debianVersion } from "./options.ts";

export interface Deb {
  readonly file: string;
  /** The installed files, stripped and compressed as in the package. */
  readonly tree: string;
}

/** Packs what is in `tree/` of `dir`. */
export async function makeDeb(build: Build, arch: Arch, dir: string, nodeLicense: string): Promise<Deb> {
  const debian = join(dir, "debian");
  cpSync(join(repository, "packaging/debian"), debian, { recursive: true });
  const maintainer = /^Maintainer: (.*)$/m.exec(readFileSync(join(debian, "control"), "utf8"))?.[1] ?? "";
  const changes = readFileSync(join(repository, "CHANGELOG.md"), "utf8");
  writeFileSync(join(debian, "changelog"), renderChangelog(changes, { ...build, maintainer }));
  writeFileSync(join(debian, "copyright"), renderCopyright(nodeLicense));
  // dpkg-architecture sets what debhelper needs to use the tools of another architecture.
  await runTool(["dpkg-architecture", `--host-arch=${arch}`, "--force", "--command", "debian/rules binary"], {
    cwd: dir,
    env: {
      SOURCE_DATE_EPOCH: String(build.epoch),
      XZ_LEVEL: String(build.xzLevel),
      DEB_BUILD_OPTIONS: "nocheck",
    },
  });
  const tree = join(debian, "gitopper");
  return { file: join(dir, `../gitopper_${debianVersion(build.version)}_${arch}.deb`), tree };
}
