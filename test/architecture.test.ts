/** The house rules that a compiler does not know; ARCHITECTURE.md gives the reasons. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { circlesIn } from "./builders/circles.ts";

const root = join(import.meta.dirname, "..");
const below = ["model", "platform"];
const parts = [...below, "git", "host", "health", "history", "rollout"];

/** Which folders a folder may import from, besides itself; in the order that a commit travels. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  model: [],
  platform: ["model"],
  config: below,
  git: below,
  host: below,
  health: below,
  history: below,
  rollout: ["model"],
  credentials: [...below, "config", "git"],
  reconcile: [...parts, "credentials"],
  sync: [...parts, "reconcile"],
  wake: [...parts, "reconcile", "sync", "credentials", "server"],
  adopt: [...below, "config", "git", "host", "rollout"],
  api: ["model"],
  control: [...parts, "reconcile", "sync", "api", "credentials"],
  server: ["model", "api"],
  metrics: ["model", "api"],
  listen: [...below, "api", "server", "credentials", "sync", "wake"],
  daemon: [
    ...parts,
    ...[
      "config",
      "credentials",
      "reconcile",
      "sync",
      "wake",
      "api",
      "control",
      "server",
      "metrics",
      "listen",
      "init",
    ],
  ],
  init: [...below, "config", "git", "host", "rollout", "reconcile", "sync", "daemon"],
  ctl: [...below, "api", "adopt"],
  hdr: below,
};

/** More beside each other are a list, not a room. */
const filesMax = 20;
const linesMax = 250;
const portsMax = 4;

interface Source {
  /** `git/fetch/fetch.ts`. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const sources: readonly Source[] = globSync("**/*.ts", { cwd: join(root, "src") }).map((path) => {
  const text = readFileSync(join(root, "src", path), "utf8");
  return { path, text, imports: importsOf(text) };
});
const shipped = sources.filter(({ path }) => !/\.(test|d)\.ts$/.test(path));

test("every folder imports only what the table allows", () => {
  const forbidden = shipped.flatMap(({ path, imports }) =>
    imports.filter((specifier) => !isAllowed(path, specifier)).map((specifier) => `${path}: ${specifier}`),
  );
  expect(forbidden).toEqual([]);
});

test("no files import each other in a circle, types included", () => {
  const graph = new Map(
    shipped.map(({ path, imports }) => [path, imports.map((name) => join(path, "..", name))]),
  );
  expect(circlesIn(graph)).toEqual([]);
});

test("a circle is found with all its files, and what only leads to it is none of it", () => {
  const graph = {
    a: ["b"],
    b: ["c", "x"],
    c: ["d"],
    d: ["b"],
    e: ["f", "node:fs"],
    f: [],
    g: ["h"],
    h: ["g"],
  };
  expect(circlesIn(new Map(Object.entries(graph)))).toEqual([
    ["b", "c", "d"],
    ["g", "h"],
  ]);
});

test("the table is that of ARCHITECTURE.md, and of the folders there are", () => {
  const document = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
  expect(readTable(document)).toEqual(mayImport);
  expect([...new Set(sources.map(({ path }) => folderOf(path)))].sort()).toEqual(
    Object.keys(mayImport).sort(),
  );
});

test("no folder has too many files beside each other", () => {
  const folders = Map.groupBy(sources, ({ path }) => dirname(path));
  const full = [...folders].filter(([, files]) => files.length > filesMax).map(([folder]) => folder);
  expect(full).toEqual([]);
});

test("a unit test lies beside what it tests, as x.test.ts or x.<aspect>.test.ts", () => {
  const paths = new Set(sources.map(({ path }) => path));
  const tests = [...paths].filter((path) => path.endsWith(".test.ts"));
  const astray = tests.filter((path) => !paths.has(path.replace(/(\.[\w-]+)?\.test\.ts$/, ".ts")));
  expect(astray).toEqual([]);
});

test("one file starts processes", () => {
  const starters = shipped.filter(({ imports }) =>
    imports.some((name) => /^(node:)?child_process$/.test(name)),
  );
  expect(starters.map(({ path }) => path)).toEqual(["platform/process/exec.ts"]);
});

test("a reconcile uses ports, and none of their adapters", () => {
  const adapters = /^reconcile\/(checkout|host)\//;
  const direct = shipped
    .filter(({ path }) => path.startsWith("reconcile/") && !adapters.test(path))
    .flatMap(({ path, imports }) => imports.map((specifier) => join(dirname(path), specifier)))
    .filter((path) => adapters.test(path));
  expect(direct).toEqual([]);
});

const ports =
  /\b(Git|Exec|Checkouts|Mounts|Units|UnitPort|Checks|Probes|Packages|Aside|Records|HostsBefore|Signatures)\b/;

test("nothing outside of what puts parts together is given more than four ports", () => {
  const rooms = ["reconcile", "sync", "wake", "control", "health", "history"];
  const wide = shipped
    .filter(({ path }) => rooms.includes(folderOf(path)))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/^(?:export )?interface (\w+)[^{]*\{\n((?: .*\n|\n)*)\}/gm)]
        .filter(([, , body = ""]) => portsIn(body) > portsMax)
        .map(([, name]) => `${path}: ${name}`),
    );
  expect(wide).toEqual([]);
});

/** How many properties of an interface's body are ports. */
function portsIn(body: string): number {
  return [...body.matchAll(/^ {2}readonly \w+: (.*);$/gm)].filter(([, type = ""]) => ports.test(type)).length;
}

test("nothing is exported as default", () => {
  const named = sources.filter(({ text }) => /^export default |\bas default\b/m.test(text));
  expect(named.map(({ path }) => path)).toEqual([]);
});

test("no file is too long to be read at once", () => {
  const long = sources.filter(({ text }) => text.trimEnd().split("\n").length > linesMax);
  expect(long.map(({ path }) => path)).toEqual([]);
});

/** What a file imports or re-exports: `from "…"`, `import "…"` and `import("…")`. */
function importsOf(text: string): string[] {
  return [
    ...text.matchAll(/^\s*(?:import|export|\})[^"'\n]*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm),
  ].map(([, fixed, lazy]) => fixed ?? lazy ?? "");
}

function isAllowed(path: string, specifier: string): boolean {
  if (!specifier.startsWith(".")) return true;
  const target = join(path, "..", specifier);
  if (path === "model/version.ts" && target === "../package.json") return true;
  const [from, to] = [folderOf(path), folderOf(target)];
  return from === to || (mayImport[from] ?? []).includes(to);
}

function folderOf(path: string): string {
  return path.split("/")[0] ?? "";
}

/** The rows `| folder | what it is | what it may import |` below the heading of the table. */
function readTable(document: string): Record<string, string[]> {
  const section = document.split(/^## Who may import whom$/m)[1]?.split(/^## /m)[0] ?? "";
  const rows = [...section.matchAll(/^\| `(\w+)` \|[^|]*\|([^|]*)\|$/gm)];
  return Object.fromEntries(
    rows.map(([, folder = "", cell = ""]) => [
      folder,
      [...cell.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name),
    ]),
  );
}

/**
 * ssh2 and its optional parts would compile native code while a host is set up. After an `npm install` that changes
 * ssh2, take `hasInstallScript` and `optionalDependencies` out of its entry in package-lock.json, and the packages that
 * only those name.
 */
test("no dependency runs a program when it is installed", () => {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const packages: [string, { hasInstallScript?: boolean }][] = Object.entries(lock.packages);
  expect(packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)).toEqual([]);
  expect(packages.map(([path]) => path)).not.toContain("node_modules/cpu-features");
});

test("ARCHITECTURE.md says of every folder what is in it, and every file that it names is there", () => {
  const document = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
  const named = new Set(
    [...document.matchAll(/`([a-z]+(?:\/[a-z-]+)*)\/`/g)].map(([, folder = ""]) => folder),
  );
  for (const [, rest = ""] of document.matchAll(/`…\/([a-z-]+)\/`/g)) named.add(`ctl/commands/${rest}`);
  const folders = new Set(shipped.map(({ path }) => dirname(path)));
  expect([...folders].filter((folder) => !named.has(folder)).sort()).toEqual([]);
  const files = [...document.matchAll(/`((?:[a-z]+\/)+[\w-]+\.ts)`/g)].map(([, path = ""]) => path);
  expect(
    files.filter((path) => !existsSync(join(root, "src", path)) && !existsSync(join(root, path))),
  ).toEqual([]);
});
