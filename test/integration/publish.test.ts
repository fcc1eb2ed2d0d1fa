import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { aPublishing, readTree, type Tree } from "./a-publishing.ts";

const clean = { is: "present", edits: [], ignored: false };
const file = (text: string) => ({ text, mode: "644" }) as const;

test("what a commit adds, changes and deletes arrives; what it leaves alone keeps inode and time", async () => {
  const scene = await aPublishing("plain", {
    "app/same": "s\n",
    "app/old": "o\n",
    "app/gone": "g\n",
    "app/deep/gone": "g\n",
  });
  const same = statSync(scene.at("app/same"));
  const tree: Tree = {
    "app/same": file("s\n"),
    "app/old": { text: "new\n", mode: "755" },
    "app/new/deep/file": file("n\n"),
    "app/a name\nof \u{1f600}": file("u\n"),
    "app/link": { text: "old", mode: "link" },
  };
  for (const whole of [false, true]) {
    const commit = scene.commitTree(tree);
    await scene.bring(commit, { whole });
    expect(readTree(scene.checkout)).toEqual(tree);
    expect(await scene.look()).toEqual({ ...clean, head: commit });
    expect(statSync(scene.at("app/same"))).toMatchObject({ ino: same.ino, mtimeMs: same.mtimeMs });
    expect(readdirSync(dirname(scene.checkout))).toEqual(["app"]);
  }
  expect(existsSync(scene.at("app/deep"))).toBe(false);
});

test("files, directories and symlinks take each other's place", async () => {
  const scene = await aPublishing("kinds", { "app/x": "x\n" });
  const kinds: Tree[] = [
    { "app/x": file("x\n") },
    { "app/x/y": file("y\n"), "app/x/z": file("z\n") },
    { "app/x": { text: "elsewhere", mode: "link" } },
    { "app/x/y/z": file("z\n") },
    { "app/x/y": file("y\n") },
    { "app/x": { text: "elsewhere", mode: "link" }, "app/y": file("y\n") },
    { "app/x": file("x\n") },
  ];
  for (const whole of [false, true]) {
    for (const tree of kinds) {
      await scene.bring(scene.commitTree(tree), { whole });
      expect(readTree(scene.checkout)).toEqual(tree);
      expect(await scene.look()).toMatchObject(clean);
    }
  }
});

test("a thousand files come and go", async () => {
  const scene = await aPublishing("thousand", { "app/x": "x\n" });
  const tree = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, index) => [
      `app/${index % 7}/${index % 11}/${index}`,
      file(`${index}\n`),
    ]),
  );
  for (const next of [tree, { "app/x": file("x\n") }]) {
    await scene.bring(scene.commitTree(next));
    expect(readTree(scene.checkout)).toEqual(next);
    expect(await scene.look()).toMatchObject(clean);
  }
});

test("local edits go where all of the commit is staged; what git does not know stays, unless it is in the way", async () => {
  const scene = await aPublishing("edits-over", { "app/a": "a\n", "app/b": "b\n", "app/d/x": "x\n" });
  writeFileSync(scene.at("app/a"), "typed\n");
  rmSync(scene.at("app/b"));
  chmodSync(scene.at("app/d/x"), 0o600);
  writeFileSync(scene.at("app/loose"), "loose\n");
  mkdirSync(scene.at("app/new"));
  writeFileSync(scene.at("app/new/typed"), "in the way\n");
  writeFileSync(scene.at("app/d/typed"), "stays\n");
  await scene.bring(
    scene.commitTree({ "app/a": file("a\n"), "app/b": file("b\n"), "app/new": file("n\n") }),
    { whole: true },
  );
  expect(readTree(scene.checkout)).toEqual({
    "app/a": file("a\n"),
    "app/b": file("b\n"),
    "app/new": file("n\n"),
    "app/loose": file("loose\n"),
    "app/d/typed": file("stays\n"),
  });
});

test("a checked-out branch does not move", async () => {
  const scene = await aPublishing("branch", { "app/a": "a\n" });
  const git = (...args: string[]) =>
    scene.setup.git({ store: scene.setup.store, checkout: scene.checkout }, args);
  await git("switch", "--quiet", "--create", "mine");
  const commit = scene.commitTree({ "app/a": file("A\n") });
  await scene.bring(commit, { whole: true });
  expect(await scene.look()).toEqual({ ...clean, head: commit });
  expect((await git("rev-parse", "mine")).stdout.trim()).toBe(scene.upstream.first);
});

test("wherever a publish is cut off, each file is whole, and the next one brings the rest", async () => {
  const scene = await aPublishing("cut-off-anywhere", { "app/x": "x\n" });
  const one: Tree = {
    "app/a": file("one\n"),
    "app/d/b": file("one\n"),
    "app/gone/c": file("one\n"),
    "app/e": file("e\n"),
  };
  const two: Tree = {
    "app/a": file("two\n"),
    "app/d/b": file("two\n"),
    "app/new/c": file("two\n"),
    "app/e": file("e\n"),
  };
  const three: Tree = { "app/a": file("three\n"), "app/d/b": file("one\n") };
  const [first, second, third] = [one, two, three].map(scene.commitTree);
  if (!first || !second || !third) throw new Error("no commits");
  await scene.bring(first, { whole: true });
  for (let steps = 0, ended = false; !ended; steps += 1) {
    let left = steps;
    const cut = async () => {
      left -= 1;
      if (left < 0) throw new Error("cut off");
    };
    ended = await scene.bring(second, {}, cut).then(
      () => true,
      () => false,
    );
    const between = readTree(scene.checkout);
    for (const path of ["app/a", "app/d/b", "app/e"])
      expect([one[path], two[path]]).toContainEqual(between[path]);
    await scene.bring(third, { whole: true, ours: [second] });
    expect(readTree(scene.checkout)).toEqual(three);
    await scene.bring(first);
    expect(readTree(scene.checkout)).toEqual(one);
    expect(await scene.look()).toEqual({ ...clean, head: first });
    expect(steps).toBeLessThan(50);
  }
});

test("a forbidden symlink is refused before its files are visible", async () => {
  const scene = await aPublishing("symlink", { "app/x": "x\n" });
  const commit = scene.commitTree({ "app/x": file("x\n"), "app/d/y": { text: "/etc/shadow", mode: "link" } });
  const refused = scene.stage(commit, {}, (path, target) => `${path} leads to ${target}`);
  await expect(refused).rejects.toMatchObject({ name: "Refusal", message: "app/d/y leads to /etc/shadow" });
  expect(readTree(scene.checkout)).toEqual({ "app/x": file("x\n") });
  expect(readdirSync(dirname(scene.checkout))).toEqual(["app"]);
  expect(readFileSync(scene.at("app/x"), "utf8")).toBe("x\n");
});

test("a checkout that has lost its index, as one that was cut off while it was made, gets its files", async () => {
  const scene = await aPublishing("no-index", { "app/x": "x\n" }, ["app", "keys/key"]);
  const { stdout } = await scene.setup.git({ store: scene.setup.store, checkout: scene.checkout }, [
    "rev-parse",
    "--absolute-git-dir",
  ]);
  rmSync(`${stdout.trim()}/index`);
  const tree = { "app/x": file("X\n"), "keys/key": file("k\n"), "other/o": file("o\n") };
  const commit = scene.commitTree(tree);
  await scene.bring(commit, { whole: true });
  expect(readTree(scene.checkout)).toEqual({ "app/x": file("X\n"), "keys/key": file("k\n") });
  expect(await scene.look()).toEqual({ ...clean, head: commit });
});
