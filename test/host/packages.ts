/** The packages of this checkout, built once for all tests that want the same ones. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "./host.ts";
import { run } from "./run.ts";

export interface PackageOptions {
  /** Default: that of package.json. */
  readonly version?: string;
  /** Default: both. */
  readonly arch?: "amd64" | "arm64";
  readonly debsOnly?: boolean;
}

export interface Packages {
  readonly dir: string;
  /** The path of the only file whose name ends so. */
  readonly file: (end: string) => string;
}

const cache = join(repositoryRoot, "dist/packages-of-tests");
const sources = [
  ...["bin", "docs", "packaging", "scripts", "src"],
  ...["CHANGELOG.md", "LICENSE", "package.json", "package-lock.json", "rolldown.config.ts"],
];
/** Builds into $0 unless it is there, and keeps the newest. */
const build = `
[ -e "$0/SHA256SUMS" ] || scripts/package --quick --output "$0" "$@"
ls -1dt "$(dirname "$0")"/*/ | tail -n +7 | xargs --no-run-if-empty rm -r`;

/** Builds them with little compression; a second caller waits for the first, and gets the same files. */
export async function builtPackages(options: PackageOptions = {}): Promise<Packages> {
  const args = [
    ...(options.version === undefined ? [] : ["--version", options.version]),
    ...(options.arch === undefined ? [] : ["--arch", options.arch]),
    ...(options.debsOnly ? ["--debs-only"] : []),
  ];
  const dir = join(cache, await keyOf(args));
  mkdirSync(cache, { recursive: true });
  await run(["flock", join(cache, ".lock"), "/bin/sh", "-euc", build, dir, ...args], {
    cwd: repositoryRoot,
    env: buildEnv(),
    timeoutMs: 600_000,
  });
  return { dir, file: (end) => join(dir, onlyOne(dir, end)) };
}

/** What npm needs to reach its registry, as scripts/test-fresh passes it on. */
export function buildEnv(): Record<string, string> {
  const passed =
    /^(npm_config_(registry|\w*proxy|cafile|cache)|\w*_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|PATH)$/i;
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => passed.test(entry[0])),
  );
}

/** Of the commit, whose time all files have, and of what is not committed. */
async function keyOf(args: readonly string[]): Promise<string> {
  const git = async (...words: readonly string[]) =>
    (await run(["git", "-C", repositoryRoot, ...words])).stdout;
  const hash = createHash("sha256").update(await git("log", "-1", "--format=%H"));
  const listed = await git("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ...sources);
  const paths = listed.split("\0").filter((path) => path !== "" && existsSync(join(repositoryRoot, path)));
  for (const path of paths) hash.update(path).update(readFileSync(join(repositoryRoot, path)));
  return hash.update(args.join(" ")).digest("hex").slice(0, 16);
}

function onlyOne(dir: string, end: string): string {
  const [name, another] = readdirSync(dir).filter((one) => one.endsWith(end));
  if (name === undefined || another !== undefined) throw new Error(`${dir} has no single file …${end}`);
  return name;
}
