/** Whatever the files of a service are: adopt takes them byte for byte, or leaves them where the service finds them. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { adopt } from "../../src/adopt/adopt.ts";
import { defaultLimits } from "../../src/adopt/limits.ts";
import { changesOf } from "../../src/adopt/taking.ts";
import { encodePath } from "../../src/model/text/path-bytes.ts";
import { exec } from "../../src/platform/process/exec.ts";

const dir = mkdtempSync(join(tmpdir(), "gitopper-test-adopt-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const git = (cwd: string, ...args: readonly string[]) =>
  execFileSync("git", ["-c", "user.name=A", "-c", "user.email=a@b", ...args], {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });

/** A clone with one commit, and a config that follows its upstream. */
function aClone(name: string) {
  const upstream = join(dir, `${name}.git`);
  const clone = join(dir, `${name}-clone`);
  git(dir, "init", "-q", "--bare", "-b", "main", upstream);
  git(dir, "clone", "-q", upstream, clone);
  writeFileSync(join(clone, ".gitattributes"), "* text=auto eol=crlf ident\n*.bin filter=lfs export-subst\n");
  git(clone, "add", ".");
  git(clone, "commit", "-qm", "first");
  git(clone, "push", "-q", "origin", "HEAD:main");
  const config = join(dir, `${name}.toml`);
  writeFileSync(config, `[global]\nupstream = "${upstream}"\nmount = "/srv/gitopper"\n`);
  return { clone, config, upstream };
}

const plain = {
  ...{ service: "app", into: null, message: null, take: [], limits: defaultLimits, branch: null },
  ...{ write: false, push: false, patch: null },
};

const names = fc.constantFrom(
  ...[
    "a",
    "b.conf",
    "c.bin",
    ".gitattributes",
    ".gitignore",
    "-x",
    "sp ace",
    'qu"ote',
    "ünï",
    "d\\e",
    "l\nf",
  ],
  ...["\udce9", ".git", "README.md", "x.lock", "git~1", "key.pem", "*", "$(x)"],
);
const content = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc
    .constantFrom(
      ...["one\r\ntwo\r\n", "$Id$\n", "* eol=lf\n", "*\n", "password = hunter2\n", "\n", ""],
      "-----BEGIN PRIVATE KEY-----\n",
    )
    .map((text) => Buffer.from(text)),
);
const mode = fc.constantFrom(0o644, 0o755, 0o640, 0o600, 0o444, 0o666, 0o750, 0o4755);
const directoryMode = fc.constantFrom(0o755, 0o750, 0o700, 0o711, 0o1777, 0o2755);
type Tree = { readonly [name: string]: Node };
type Node =
  | { readonly is: "file"; readonly content: Uint8Array; readonly mode: number }
  | { readonly is: "link"; readonly target: string }
  | { readonly is: "directory"; readonly mode: number; readonly tree: Tree };
const { tree } = fc.letrec<{ tree: Tree; node: Node }>((tie) => ({
  tree: fc.dictionary(names, tie("node"), { maxKeys: 5, depthIdentifier: "d" }),
  node: fc.oneof(
    { depthIdentifier: "d", maxDepth: 3 },
    fc.record({ is: fc.constant("file" as const), content, mode }),
    fc.record({
      is: fc.constant("link" as const),
      target: fc.constantFrom("a", "../a", "/usr/share/x", "a/../b", "/"),
    }),
    fc.record({
      is: fc.constant("directory" as const),
      mode: directoryMode,
      tree: fc.oneof(fc.constant({}), tie("tree")),
    }),
  ),
}));

function write(at: string, all: Tree): void {
  for (const [name, node] of Object.entries(all)) {
    const path = encodePath(`${at}/${name}`);
    if (node.is === "link") symlinkSync(node.target, path);
    else if (node.is === "directory") {
      mkdirSync(path);
      write(`${at}/${name}`, node.tree);
    } else writeFileSync(path, node.content);
    if (node.is !== "link") chmodSync(path, node.mode);
  }
}

/** The paths of all files, symlinks and empty directories. */
function leavesOf(at: string, all: Tree): string[] {
  return Object.entries(all).flatMap(([name, node]) => {
    const isInner = node.is === "directory" && Object.keys(node.tree).length > 0;
    return isInner ? leavesOf(`${at}/${name}`, node.tree) : [`${at}/${name}`];
  });
}

test("random files: all are taken or named, the plan is empty, and a checkout has the bytes of the host", async () => {
  let run = 0;
  const property = async (given: Tree) => {
    const name = `r${++run}`;
    const top = join(dir, name);
    mkdirSync(top);
    const all: Tree = { ...given, always: { is: "file", content: Buffer.from("x\n"), mode: 0o644 } };
    write(top, all);
    const { clone, config } = aClone(name);
    const adopted = await adopt({ ...plain, paths: [top], clone, config }, exec, new Date());
    expect(adopted.differences).toEqual([]);
    const { taken, leftOut } = adopted.taking;
    const named = [...taken.map(({ entry }) => entry.path), ...leftOut.map(({ path }) => path)];
    const isNamed = (leaf: string) => named.some((path) => leaf === path || leaf.startsWith(`${path}/`));
    expect(leavesOf(top, all).filter((leaf) => !isNamed(leaf))).toEqual([]);
    expect(git(clone, "status", "--porcelain")).toBe("");
    // As the daemon's stores, which let no attribute change a file.
    const checkout = join(dir, `${name}-out`);
    mkdirSync(join(clone, ".git/info"), { recursive: true });
    writeFileSync(join(clone, ".git/info/attributes"), "* -text -eol -ident -filter -export-subst\n");
    git(clone, "worktree", "add", "-q", "--detach", checkout, "adopt-app");
    for (const { path, to } of changesOf(adopted.taking)) {
      const at = encodePath(join(checkout, path));
      const seen = lstatSync(at);
      const bytes = seen.isSymbolicLink() ? readlinkSync(at, "buffer") : readFileSync(at);
      expect([
        bytes.equals(to?.content ?? Buffer.of()),
        (seen.mode & 0o100) !== 0 || seen.isSymbolicLink(),
      ]).toEqual([true, to?.mode !== "100644"]);
    }
  };
  await fc.assert(fc.asyncProperty(tree, property), { numRuns: 20 });
});

test("a patch of it gives the same tree with git am, also of files that a mail would change", async () => {
  const top = join(dir, "mail");
  mkdirSync(join(top, "d"), { recursive: true });
  writeFileSync(join(top, "crlf"), "From me\r\nto you\r\n");
  writeFileSync(join(top, "d/bytes"), Buffer.from([0, 1, 2, 0xff, 13, 10]));
  const { clone, config, upstream } = aClone("mail");
  const made = await adopt({ ...plain, paths: [top], clone, config }, exec, new Date());
  const patch = join(dir, "mail.patch");
  const before = git(clone, "for-each-ref");
  await adopt({ ...plain, paths: [top], clone: null, config, patch }, exec, new Date());
  expect(git(clone, "for-each-ref")).toBe(before);
  const other = join(dir, "mail-other");
  git(dir, "clone", "-q", upstream, other);
  writeFileSync(join(other, ".git/info/attributes"), "* -text -eol -ident -filter\n");
  git(other, "am", "-q", patch);
  expect(git(other, "rev-parse", "HEAD^{tree}")).toBe(
    git(clone, "rev-parse", `${made.published.commit}^{tree}`),
  );
});

test("bad input has one line, and leaves nothing", async () => {
  const top = join(dir, "bad");
  mkdirSync(top);
  writeFileSync(join(top, "a"), "a\n");
  const { clone, config } = aClone("bad");
  const failing = (options: object) =>
    adopt({ ...plain, paths: [top], clone, config, ...options }, exec, new Date()).catch(
      (error) => error.message,
    );
  expect(await failing({ paths: ["/nowhere"] })).toContain("it does not exist");
  expect(await failing({ into: "../x" })).toContain("leaves the repository");
  expect(await failing({ into: ".gitattributes" })).toContain("the repository has it already");
  expect(await failing({ branch: "a..b" })).toContain('has ".."');
  expect(await failing({ clone: "/nowhere" })).toContain("there is no such directory");
  expect(await failing({ limits: { ...defaultLimits, bytes: 1 } })).toContain("--max-size");
  expect(git(clone, "for-each-ref", "refs/heads/adopt-app")).toBe("");
});
