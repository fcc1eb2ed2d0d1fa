/** What is in the packages that `npm run package` makes. */
import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { repositoryRoot } from "../host/host.ts";
import { builtPackages, type Packages } from "../host/packages.ts";
import { run } from "../host/run.ts";
import { makeTempDir } from "../host/temp-dir.ts";

const pkg = JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8"));
const archs = ["amd64", "arm64"] as const;
let packages: Packages;
beforeAll(async () => {
  packages = await builtPackages();
}, 600_000);

const deb = (arch: string) => packages.file(`_${arch}.deb`);
const field = async (arch: string, name: string) =>
  (await run(["dpkg-deb", "--field", deb(arch), name])).stdout.trim();

/** The text of a file in the Debian package of amd64. */
async function packaged(path: string): Promise<string> {
  const script = 'dpkg-deb --fsys-tarfile "$0" | tar --extract --to-stdout "./$1"';
  return (await run(["/bin/sh", "-euc", script, deb("amd64"), path])).stdout;
}

/** The paths in it, without directories and without the `./` before each. */
async function filesOf(arch: string): Promise<string[]> {
  const { stdout } = await run(["/bin/sh", "-euc", 'dpkg-deb --fsys-tarfile "$0" | tar --list', deb(arch)]);
  return stdout.split("\n").flatMap((path) => (path === "" || path.endsWith("/") ? [] : [path.slice(2)]));
}

test.each(archs)("the package of %s has the programs, node, and nothing else of npm's", async (arch) => {
  const files = await filesOf(arch);
  const ours = /^usr\/lib\/gitopper\/(node|bin\/gitopper(ctl|hdr)?|dist\/gitopper[a-z-]*\.cjs)$/;
  expect(files.filter((path) => path.startsWith("usr/lib/") && !ours.test(path))).toEqual([]);
  expect(files).toEqual(
    expect.arrayContaining([
      "etc/apt/apt.conf.d/90gitopper",
      "lib/systemd/system/gitopper.service",
      "usr/bin/gitopperctl",
      ...["gitopper", "gitopperctl", "gitopperhdr"].map((name) => `usr/lib/gitopper/dist/${name}.cjs`),
      "usr/lib/gitopper/node",
      "usr/share/bash-completion/completions/gitopperctl",
      "usr/share/doc/gitopper/changelog.gz",
      "usr/share/fish/vendor_completions.d/gitopperctl.fish",
      "usr/share/gitopper/prometheus.rules.yml",
      "usr/share/man/man8/gitopper.8.gz",
      "usr/share/zsh/vendor-completions/_gitopperctl",
    ]),
  );
  expect(files.filter((path) => path.startsWith("etc/gitopper/"))).toEqual([]);
});

test.each(archs)("the package of %s is within 130 MB installed and 30 MB packed", async (arch) => {
  expect(Number(await field(arch, "Installed-Size")) * 1024).toBeLessThan(130e6);
  // Little compression makes it a quarter larger; a build for a release fails above 30 MB.
  expect(statSync(deb(arch)).size).toBeLessThan(37e6);
});

test("both have the version of package.json, and depend on what they run with", async () => {
  const names = await Promise.all(
    archs.map(async (arch) => {
      expect(await field(arch, "Version")).toBe(pkg.version);
      return (await field(arch, "Depends")).split(", ").map((dependency) => dependency.split(" ")[0]);
    }),
  );
  const libraries = ["libatomic1", "libc6", "libgcc-s1", "libstdc++6"];
  for (const list of names) expect(list.sort()).toEqual(["debconf", "git", ...libraries, "systemd"]);
  expect(await field("amd64", "Recommends")).toContain("age");
});

test("the options are a config file of the package, the config is not", async () => {
  const { stdout } = await run(["dpkg-deb", "--info", deb("amd64"), "conffiles"]);
  expect(stdout).toBe("/etc/apt/apt.conf.d/90gitopper\n/etc/default/gitopper\n");
  expect(await packaged("usr/share/doc/gitopper/examples/config.toml")).toBe(
    readFileSync(join(repositoryRoot, "docs/config.example.toml"), "utf8"),
  );
});

test("lintian finds no errors", { timeout: 300_000 }, async () => {
  const argv = ["lintian", "--allow-root", "--fail-on=error", ...archs.map(deb)];
  await run(argv, { timeoutMs: 280_000 });
});

test("Prometheus accepts the alert rules", async () => {
  const script =
    'dpkg-deb --extract "$0" "$1"; promtool check rules "$1"/usr/share/gitopper/prometheus.rules.yml';
  const dir = makeTempDir("rules");
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const { stdout } = await run(["/bin/sh", "-euc", script, deb("amd64"), dir]);
  expect(stdout).toMatch(/SUCCESS: \d+ rules found/);
});

test("checksums are right, and cover everything else", async () => {
  const { stdout } = await run([
    "/bin/sh",
    "-euc",
    'cd "$0" && sha256sum --check --strict SHA256SUMS && ls',
    packages.dir,
  ]);
  const [checked, names] = [/^.*(?=: OK$)/gm, /^(?!.*: OK$|SHA256SUMS$).+$/gm].map((lines) =>
    stdout.match(lines),
  );
  expect(checked).toEqual(names);
  expect(checked).toHaveLength(5);
});

test("the copyright file and the SBOM name every library that is bundled, and node", async () => {
  const lock = JSON.parse(readFileSync(join(repositoryRoot, "package-lock.json"), "utf8"));
  const locked = Object.entries<{ version: string; dev?: boolean; devOptional?: boolean }>(lock.packages)
    .filter(([path, { dev, devOptional }]) => path !== "" && !dev && !devOptional)
    .map(([path, { version }]) => `${path.replace(/^.*node_modules\//, "")} ${version}`);
  const sbom = JSON.parse(readFileSync(packages.file(".cdx.json"), "utf8"));
  const components: { name: string; version: string; licenses: readonly unknown[] }[] = sbom.components;
  expect(components.map(({ name, version }) => `${name} ${version}`).sort()).toEqual(locked.sort());
  for (const { name, licenses } of components) expect(licenses, name).toHaveLength(1);
  expect(JSON.stringify(sbom)).toContain(`"name":"openssl","version":"${process.versions.openssl}"`);

  const copyright = await packaged("usr/share/doc/gitopper/copyright");
  for (const library of locked.filter((name) => !name.startsWith("node-linux-")))
    expect(copyright).toContain(`${library} is in the programs`);
  expect(copyright).toContain("OpenSSL, located at deps/openssl");
});
