/** Makes the packages of a commit: the same bytes for the same commit, wherever and whenever it runs. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { type Build, repository, runTool } from "./build.ts";
import { parseReleases } from "./changelog.ts";
import { makeDeb } from "./deb.ts";
import { fetchNode } from "./node.ts";
import { type Arch, type Options, parseOptions } from "./options.ts";
import { bundlePrograms } from "./programs.ts";
import { renderSbom } from "./sbom.ts";
import { makeTarball } from "./tarball.ts";
import { layOut } from "./tree.ts";

const fileMaxMegabytes = 30;

process.umask(0o022);
try {
  await makePackages();
} catch (error) {
  console.error(`Cannot make the packages: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

async function makePackages(): Promise<void> {
  const { version } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
  requireChanges(version);
  const output = join(repository, "dist/packages");
  const options = parseOptions(process.argv.slice(2), { version, output });
  const dir = resolve(options.output);
  mkdirSync(dir, { recursive: true });
  // Beside the result, so that a file gets there by a rename, whole.
  const work = mkdtempSync(join(dir, ".work-"));
  try {
    const files = await makeFiles(
      { ...options, work, epoch: await epochOfCommit(), xzLevel: options.quick ? 0 : 6 },
      options,
    );
    if (!options.quick) files.forEach(requireSize);
    for (const file of files) renameSync(file, join(dir, basename(file)));
    writeSums(dir, files.map((file) => basename(file)).sort());
  } finally {
    rmSync(work, { recursive: true });
  }
}

async function makeFiles(build: Build, { archs, debsOnly }: Options): Promise<string[]> {
  const dist = await bundlePrograms(build);
  const sbom = join(build.work, `gitopper-${build.version}.cdx.json`);
  writeFileSync(sbom, renderSbom(build));
  const made = await Promise.all(archs.map((arch) => makeForArch(build, { arch, dist, debsOnly })));
  return [...made.flat(), sbom];
}

interface Part {
  readonly arch: Arch;
  readonly dist: string;
  readonly debsOnly: boolean;
}

async function makeForArch(build: Build, { arch, dist, debsOnly }: Part): Promise<string[]> {
  const node = await fetchNode(build, arch);
  const dir = join(build.work, arch);
  layOut(join(dir, "tree"), { dist, node: node.program });
  const deb = await makeDeb(build, arch, dir, node.license);
  return debsOnly ? [deb.file] : [deb.file, await makeTarball(build, arch, deb.tree)];
}

/** @throws Error when something large came into the packages */
function requireSize(file: string): void {
  const megabytes = statSync(file).size / 1e6;
  if (megabytes > fileMaxMegabytes)
    throw new Error(`${basename(file)} has ${megabytes.toFixed(1)} MB, more than ${fileMaxMegabytes}`);
}

/** In the form of sha256sum(1). */
function writeSums(dir: string, names: readonly string[]): void {
  const lines = names.map((name) => {
    const bytes = readFileSync(join(dir, name));
    console.log(`${name}  ${(bytes.length / 1e6).toFixed(1)} MB`);
    return `${createHash("sha256").update(bytes).digest("hex")}  ${name}\n`;
  });
  writeFileSync(join(dir, "SHA256SUMS"), lines.join(""));
}

/** SOURCE_DATE_EPOCH of the environment counts where there is no git, as in an export. */
async function epochOfCommit(): Promise<number> {
  const given = process.env.SOURCE_DATE_EPOCH;
  return Number(given ?? (await runTool(["git", "log", "-1", "--format=%ct"])));
}

function requireChanges(version: string): void {
  const releases = parseReleases(readFileSync(join(repository, "CHANGELOG.md"), "utf8"));
  if (!releases.some((release) => release.version === version))
    throw new Error(
      `CHANGELOG.md has no section for the version of package.json; add "## [${version}] - <date>"`,
    );
}
