import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { adopt } from "../../src/adopt/adopt.ts";
import { defaultLimits } from "../../src/adopt/limits.ts";
import { exec } from "../../src/platform/process/exec.ts";
import { run } from "../host/run.ts";
import { makeTempDir } from "../host/temp-dir.ts";
import { makeUpstream } from "../host/upstream.ts";

const names = ["a.conf", "b", "site one", "ü", "-x", "key.pem", ".gitattributes", ".gitignore", "*", "$(x)"];

const aFile = fc.record({
  kind: fc.constant("file" as const),
  content: fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom("* text eol=crlf\n", "*\n", "a\r\nb\n", "$Id$\n", "-----BEGIN PRIVATE KEY-----\n")
      .map(Buffer.from),
  ),
  mode: fc.constantFrom(0o644, 0o755, 0o640, 0o600, 0o444, 0o4755),
});
const aSymlink = fc.record({
  kind: fc.constant("symlink" as const),
  target: fc.constantFrom("a.conf", "../b", "/usr/share/x"),
});
type Tree = { kind: "directory"; mode: number; children: Readonly<Record<string, Entry>> };
type Entry = { kind: "file"; content: Buffer; mode: number } | { kind: "symlink"; target: string } | Tree;
const { tree } = fc.letrec<{ tree: Tree; entry: Entry }>((tie) => ({
  tree: fc.record({
    kind: fc.constant("directory" as const),
    mode: fc.constantFrom(0o755, 0o750, 0o700),
    children: fc.dictionary(fc.constantFrom(...names), tie("entry"), { maxKeys: 5 }),
  }),
  entry: fc.oneof({ depthSize: "small" }, aFile as fc.Arbitrary<Entry>, aSymlink, tie("tree")),
}));

function write(path: string, entry: Entry): void {
  if (entry.kind === "symlink") {
    symlinkSync(entry.target, path);
    return;
  }
  if (entry.kind === "file") writeFileSync(path, entry.content);
  else {
    mkdirSync(path);
    for (const [name, child] of Object.entries(entry.children)) write(join(path, name), child);
  }
  chmodSync(path, entry.mode);
}

test("every file of a tree is in the commit byte by byte, or is named as left out", async () => {
  await using upstream = await makeUpstream({ files: { README: "x\n" } });
  const top = makeTempDir("adopt");
  onTestFinished(() => rmSync(top, { recursive: true }));
  const config = join(top, "config.toml");
  writeFileSync(config, `[global]\nupstream = "${upstream.path}"\nmount = "/srv/gitopper"\n`);
  const clone = join(top, "clone");
  await run(["git", "clone", "--quiet", upstream.path, clone]);
  let count = 0;
  const check = async (entry: Tree) => {
    count += 1;
    const path = join(top, `tree${count}`);
    write(path, {
      ...entry,
      children: { ...entry.children, plain: { kind: "file", content: Buffer.from("x"), mode: 0o644 } },
    });
    const options = { service: "app", paths: [path], into: `app/${count}`, take: [], limits: defaultLimits };
    const git = { clone, branch: `try-${count}`, message: null, patch: null, push: false };
    const adopted = await adopt({ ...options, ...git, config, write: false }, exec, new Date());
    expect(adopted.differences).toEqual([]);
    for (const { link, entry: taken } of adopted.taking.taken) {
      const { stdout: text } = await run([
        "sh",
        "-c",
        'git -C "$0" cat-file blob "$1:$2" | base64 -w0',
        clone,
        git.branch,
        taken.kind === "directory" ? `${link}/.gitkeep` : link,
      ]);
      const bytes =
        taken.kind === "directory"
          ? Buffer.alloc(0)
          : lstatSync(taken.path).isSymbolicLink()
            ? Buffer.from(readlinkSync(taken.path))
            : readFileSync(taken.path);
      expect(text, relative(top, taken.path)).toBe(bytes.toString("base64"));
    }
    const named = new Set(
      [...adopted.taking.leftOut, ...adopted.taking.taken.map(({ entry: { path } }) => ({ path }))].map(
        (each) => each.path,
      ),
    );
    const { stdout } = await run(["find", path, "(", "-not", "-type", "d", "-o", "-empty", ")", "-print0"]);
    for (const found of stdout.split("\0").filter(Boolean))
      expect(
        [...named].some((each) => found === each || found.startsWith(`${each}/`)),
        found,
      ).toBe(true);
  };
  await fc.assert(fc.asyncProperty(tree, check), { numRuns: 25 });
});
