import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  narrowCheckout,
  observeCheckout,
  untrackedMax,
  updateCheckout,
} from "../../src/git/checkout/checkout.ts";
import { removeFiles, seenFiles } from "../../src/git/checkout/remove-files.ts";
import { editsAtRisk, existingEdits, saveEdits } from "../../src/git/edits/edits.ts";
import { askUpstream } from "../../src/git/fetch/poll-upstream.ts";
import type { AbsPath, RepoPath } from "../../src/model/path.ts";
import { showPath } from "../../src/model/text/path-bytes.ts";
import { storesDir } from "../../src/platform/files/state-paths.ts";
import { exec } from "../../src/platform/process/exec.ts";
import { aCheckout, anUpstream, aStore, asked, scratch } from "./a-store.ts";

test("a patch holds changed, deleted, new and committed edits, and applies", async () => {
  const upstream = anUpstream("edits", { "app/a": "a\n", "app/b": "b\n", "app/c": "c\n" });
  const setup = aStore(upstream.path);
  await askUpstream(setup.store, ["main"], setup.tools, asked);
  const { checkout, look } = await aCheckout(setup, upstream.first, ["app"]);
  writeFileSync(join(checkout, "app/a"), "mine\n");
  rmSync(join(checkout, "app/b"));
  writeFileSync(join(checkout, "app/new"), "typed\n");
  writeFileSync(join(checkout, "app/loose"), "not in the way\n");
  const to = upstream.commit({ "app/new": "theirs\n" });
  await askUpstream(setup.store, ["main"], setup.tools, asked);
  const seen = await look();
  if (seen.is !== "present") throw new Error(seen.is);
  const where = { store: setup.store, checkout, patches: join(setup.stateDir, "patches") as AbsPath };
  const paths = await editsAtRisk(where, seen.edits, { base: seen.head, to, ours: [] }, setup.git);
  expect(paths.sort()).toEqual(["app/a", "app/b", "app/new"]);
  const patch = await saveEdits(where, seen.head, paths, { git: setup.git, now: new Date() });
  await updateCheckout(where, to, setup.git);
  expect(await look()).toMatchObject({ head: to, edits: [{ path: "app/loose", untracked: true }] });

  const elsewhere = join(scratch, "apply");
  execFileSync("git", ["clone", "-q", upstream.path, elsewhere]);
  execFileSync("git", ["-C", elsewhere, "checkout", "-q", upstream.first]);
  execFileSync("git", ["-C", elsewhere, "apply", patch ?? ""]);
  const read = (path: string) => execFileSync("cat", [join(elsewhere, path)], { encoding: "utf8" });
  expect([read("app/a"), read("app/new")]).toEqual(["mine\n", "typed\n"]);
  expect(() => read("app/b")).toThrow();
});

test("files of an interrupted checkout do not count as local edits", async () => {
  const upstream = anUpstream("cut-off", { "app/a": "a\n", "app/b": "b\n" });
  const setup = aStore(upstream.path);
  await askUpstream(setup.store, ["main"], setup.tools, asked);
  const { checkout, look } = await aCheckout(setup, upstream.first, ["app"]);
  const pending = upstream.commit({ "app/a": "A\n", "app/b": "B\n", "app/new": "N\n" });
  await askUpstream(setup.store, ["main"], setup.tools, asked);
  writeFileSync(join(checkout, "app/a"), "A\n");
  writeFileSync(join(checkout, "app/new"), "N\n");
  writeFileSync(join(checkout, "app/b"), "typed\n");
  const seen = await look();
  if (seen.is !== "present") throw new Error(seen.is);
  const where = { store: setup.store, checkout };
  expect(
    await editsAtRisk(where, seen.edits, { base: seen.head, to: pending, ours: [pending] }, setup.git),
  ).toEqual(["app/b"]);
});

/** What is at risk in a checkout of `first` with `links`, after `type` typed in it, when `second` comes. */
async function atRisk(
  name: string,
  { first, second, links = ["app"] }: Record<"first" | "second", Files> & { links?: string[] },
  type: (checkout: string, upstream: ReturnType<typeof anUpstream>) => void,
) {
  const upstream = anUpstream(name, first as Record<string, string>);
  const setup = aStore(upstream.path);
  await askUpstream(setup.store, ["main"], setup.tools, asked);
  const { checkout, look } = await aCheckout(setup, upstream.first, links);
  const to = upstream.commit(second);
  await askUpstream(setup.store, ["main"], setup.tools, asked);
  type(checkout, upstream);
  const seen = await look();
  if (seen.is !== "present") throw new Error(seen.is);
  const where = { store: setup.store, checkout, patches: join(setup.stateDir, "patches") as AbsPath };
  const base = seen.head;
  const ask = (...ours: (typeof to)[]) => editsAtRisk(where, seen.edits, { base, to, ours }, setup.git);
  const save = async (paths: string[]) => {
    const patch = await saveEdits(where, base, paths, { git: setup.git, now: new Date() });
    return patch === null ? "" : readFileSync(patch, "utf8");
  };
  return { ask, save, seen, setup, checkout, to };
}

type Files = Record<string, string | null>;

test("ignored files are at risk where the new commit has a file, and saved", async () => {
  const commits = {
    first: { ".gitignore": "*.key\n", "app/a": "a\n" },
    second: { "app/a": "A\n", "app/sub/b": "b\n" },
  };
  const { ask, save } = await atRisk("ignored", commits, (checkout) => {
    mkdirSync(join(checkout, "app/c.key"));
    writeFileSync(join(checkout, "app/c.key/x"), "not in the way\n");
    writeFileSync(join(checkout, "app/d.key"), "not in the way\n");
  });
  expect(await ask()).toEqual([]);

  const inTheWay = {
    first: { ".gitignore": "*.key\nsub\n", "app/a": "a\n" },
    second: { ".gitignore": "", "app/tls.key": "theirs\n", "app/dir.key": "theirs\n", "app/sub/b": "b\n" },
  };
  const risky = await atRisk("ignored-in-the-way", inTheWay, (checkout) => {
    writeFileSync(join(checkout, "app/tls.key"), "secret\n");
    mkdirSync(join(checkout, "app/dir.key/deep"), { recursive: true });
    writeFileSync(join(checkout, "app/dir.key/deep/x"), "deep\n");
    writeFileSync(join(checkout, "app/sub"), "a file where a directory comes\n");
  });
  const paths = (await risky.ask()).sort();
  expect(paths).toEqual(["app/dir.key/deep/x", "app/sub", "app/tls.key"]);
  const patch = await risky.save(paths);
  for (const line of ["+secret", "+deep", "+a file where"]) expect(patch).toContain(line);
  expect(await save([])).toBe("");
});

test("with more untracked files than are read, all that a commit would overwrite are still at risk", async () => {
  const commits = { first: { "app/a": "a\n" }, second: { "app/a": "A\n", "app/z9": "theirs\n" } };
  const { setup, checkout, to } = await atRisk("flooded", commits, (place) => {
    writeFileSync(join(place, "app/a"), "typed\n");
    for (let file = 0; file < 10; file++) writeFileSync(join(place, `app/z${file}`), "mine\n");
  });
  const look = (max = untrackedMax) =>
    observeCheckout({ store: setup.store, checkout }, setup.git, {
      storesDir: storesDir(setup.stateDir),
      max,
    });
  const seen = await look(3);
  if (seen.is !== "present") throw new Error(seen.is);
  expect(seen.edits.map(({ path }) => path)).toEqual(["app/a", "app/z0", "app/z1", "app/z2"]);
  expect(seen.flooded).toBe(true);
  const ways = { base: seen.head, to, ours: [] };
  const found = await editsAtRisk({ store: setup.store, checkout }, seen.edits, ways, setup.git);
  expect(found.sort()).toEqual(["app/a", "app/z9"]);
  expect(await look(10)).not.toHaveProperty("flooded");
});

test("a program whose caller needs no more output is ended, which is no failure", async () => {
  const heard: Buffer[] = [];
  const onStdout = (chunk: Buffer) => void heard.push(chunk);
  const { status } = await exec(["yes"], { timeoutMs: 60_000, onStdout, enough: () => heard.length === 3 });
  expect(status).toBe(0);
  expect(heard).toHaveLength(3);
});

test("files that git has are not at risk where a directory takes their place, or they a directory's", async () => {
  const commits = {
    first: { "app/f": "f\n", "app/d/x": "x\n", "app/d/y": "y\n" },
    second: { "app/f": null, "app/f/x": "x\n", "app/d/x": null, "app/d/y": null, "app/d": "d\n" },
  };
  const { ask } = await atRisk("swapped", commits, (checkout) => {
    writeFileSync(join(checkout, "app/d/typed"), "typed\n");
  });
  expect(await ask()).toEqual(["app/d/typed"]);
});

test("a file or a symlink in place of a directory of git's is at risk, and nothing behind the symlink", async () => {
  const commits = {
    first: { "app/d/x": "x\n", "app/e/x": "x\n", "app/f": "f\n" },
    second: { "app/d/x": "X\n", "app/e/new": "n\n" },
  };
  const outside = join(scratch, "outside");
  mkdirSync(outside);
  for (const name of ["x", "new"]) writeFileSync(join(outside, name), "outside\n");
  const { ask, save } = await atRisk("symlinked", commits, (checkout) => {
    for (const path of ["app/d", "app/e", "app/f"]) rmSync(join(checkout, path), { recursive: true });
    writeFileSync(join(checkout, "app/d"), "typed\n");
    symlinkSync(outside, join(checkout, "app/e"));
    mkdirSync(join(checkout, "app/f"));
    writeFileSync(join(checkout, "app/f/y"), "below\n");
  });
  const paths = (await ask()).sort();
  expect(paths).toEqual(["app/d", "app/d/x", "app/e", "app/e/x", "app/f", "app/f/y"]);
  const patch = await save(paths);
  expect(patch).toContain("+typed");
  expect(patch).toContain("+below");
  expect(patch).not.toContain("+outside\n");
});

test("a file in place of a directory that the checkout is about to get is at risk", async () => {
  const commits = { first: { "app/a": "a\n", "new/x": "x\n" }, second: { "app/a": "A\n" } };
  const { ask, setup, checkout, to } = await atRisk("widened", commits, (checkout) => {
    writeFileSync(join(checkout, "new"), "typed\n");
  });
  expect(await ask()).toEqual(["new"]);
  const where = { store: setup.store, checkout };
  await narrowCheckout(where, ["app", "new"] as RepoPath[], setup.git);
  await updateCheckout(where, to, setup.git);
  expect(existsSync(join(checkout, "new/x"))).toBe(true);
});

test("a nested repository in the way is left alone, and named", async () => {
  const commits = { first: { "app/a": "a\n" }, second: { "app/own": "o\n" } };
  const { ask } = await atRisk("own-repository", commits, (checkout) => {
    execFileSync("git", ["init", "-q", join(checkout, "app/own")]);
  });
  await expect(ask()).rejects.toThrow('"app/own" is a repository of its own; move it away');
});

test("files of an interrupted checkout are recognised among other files with any names", async () => {
  const strange = '"quoted"\nname';
  const commits = {
    first: { "app/a": "a\n", "app/d/x": "x\n", "app/gone": "g\n" },
    second: { "app/a": "A\n", "app/gone": null, [`app/${strange}`]: "s\n", '"top': "t\n", "app/new": "N\n" },
  };
  const { ask, to } = await atRisk("strange", commits, (checkout) => {
    writeFileSync(join(checkout, "app/a"), "A\n");
    rmSync(join(checkout, "app/gone"));
    writeFileSync(join(checkout, "app", strange), "s\n");
    writeFileSync(join(checkout, '"top'), "t\n");
    symlinkSync("nowhere", join(checkout, "app/new"));
  });
  expect((await ask(to)).sort()).toEqual(['"top', `app/${strange}`, "app/new"].sort());
});

test("a symlink is never a cut-off checkout's own file that is not there", async () => {
  const commits = { first: { "app/a": "a\n" }, second: { "app/a": "A\n", "app/link": "file\n" } };
  const { ask, seen } = await atRisk("symlink-typed", commits, (checkout) => {
    symlinkSync("elsewhere", join(checkout, "app/link"));
  });
  expect(await ask(seen.head)).toEqual(["app/link"]);
});

test("where git's user cannot read a file of a cut-off checkout, all of them count as typed", async () => {
  const commits = { first: { "app/a": "a\n", "app/b": "b\n" }, second: { "app/a": "A\n", "app/b": "B\n" } };
  const { setup, seen, checkout, to } = await atRisk("unreadable", commits, (checkout) => {
    for (const name of ["a", "b"]) writeFileSync(join(checkout, "app", name), `${name.toUpperCase()}\n`);
  });
  const refusing: typeof setup.git = (place, args, options) =>
    setup.git(place, args[0] === "hash-object" ? ["hash-object", "--no-such-option"] : args, options);
  const commitsOf = { base: seen.head, to, ours: [to] };
  const where = { store: setup.store, checkout };
  expect(await editsAtRisk(where, seen.edits, commitsOf, setup.git)).toEqual([]);
  expect(await editsAtRisk(where, seen.edits, commitsOf, refusing)).toEqual(["app/a", "app/b"]);
});

test("more edits than fit on a command line are found and saved", async () => {
  const deep = `app/${`${"long-".repeat(40)}/`.repeat(15)}`;
  const all = Array.from({ length: 900 }, (_, index) => `${deep}${index}`);
  const commits = { first: { "app/a": "a\n" }, second: { "app/a": "A\n" } };
  const { setup, seen, checkout, to, save } = await atRisk("many", commits, (checkout) => {
    mkdirSync(join(checkout, deep), { recursive: true });
    for (const path of all) writeFileSync(join(checkout, path), "typed\n");
  });
  const edits = all.map((path) => ({ path, untracked: false }));
  const paths = await editsAtRisk(
    { store: setup.store, checkout },
    edits,
    { base: seen.head, to, ours: [to] },
    setup.git,
  );
  expect(paths).toHaveLength(all.length);
  expect((await save(paths)).match(/^\+typed$/gm)).toHaveLength(all.length);
});

test("of the edits, those that exist on disk: no deletion, and nothing behind a symlink", async () => {
  const commits = { first: { "app/a": "a\n", "app/b": "b\n", "app/d/x": "x\n" }, second: { "app/a": "A\n" } };
  const { seen, checkout } = await atRisk("existing", commits, (checkout) => {
    writeFileSync(join(checkout, "app/a"), "typed\n");
    rmSync(join(checkout, "app/b"));
    rmSync(join(checkout, "app/d"), { recursive: true });
    symlinkSync("..", join(checkout, "app/d"));
    writeFileSync(join(checkout, "x"), "reached through the symlink\n");
  });
  const existing = (await existingEdits(checkout, seen.edits)).map(({ path }) => path);
  expect(existing.sort()).toEqual(["app/a", "app/d", "x"]);
});

/** A name of latin1. */
const named = (checkout: string, path: string) => Buffer.from(join(checkout, path), "latin1");

test("edits are saved whatever the bytes of their names", async () => {
  const upstream = anUpstream("bytes", { "app/a": "a\n" });
  mkdirSync(named(upstream.path, "app/d\xe9"));
  for (const path of ["app/caf\xe9", "app/d\xe9/x", "app/g\xf6ne"])
    writeFileSync(named(upstream.path, path), "1\n");
  const base = upstream.commit({});
  const setup = aStore(upstream.path);
  await askUpstream(setup.store, ["main"], setup.tools, asked);
  const { checkout, look } = await aCheckout(setup, base, ["app"]);
  writeFileSync(named(upstream.path, "app/n\xe9w"), "theirs\n");
  const to = upstream.commit({});
  await askUpstream(setup.store, ["main"], setup.tools, asked);

  writeFileSync(named(checkout, "app/caf\xe9"), "typed\n");
  writeFileSync(named(checkout, "app/d\xe9/x"), "typed\n");
  writeFileSync(named(checkout, "app/n\xe9w"), "typed\n");
  rmSync(named(checkout, "app/g\xf6ne"));
  const seen = await look();
  if (seen.is !== "present") throw new Error(seen.is);
  const where = { store: setup.store, checkout, patches: join(setup.stateDir, "patches") as AbsPath };
  const paths = await editsAtRisk(where, seen.edits, { base, to, ours: [] }, setup.git);
  expect(paths.map(showPath).sort()).toEqual(["app/caf\\351", "app/d\\351/x", "app/g\\366ne", "app/n\\351w"]);
  const patch = await saveEdits(where, base, paths, { git: setup.git, now: new Date() });

  const elsewhere = join(scratch, "apply-bytes");
  execFileSync("git", ["clone", "-q", upstream.path, elsewhere]);
  execFileSync("git", ["-C", elsewhere, "checkout", "-q", base]);
  execFileSync("git", ["-C", elsewhere, "apply", patch ?? ""]);
  for (const path of ["app/caf\xe9", "app/d\xe9/x", "app/n\xe9w"])
    expect(readFileSync(named(elsewhere, path), "utf8")).toBe("typed\n");
  expect(existsSync(named(elsewhere, "app/g\xf6ne"))).toBe(false);
  // A file that equals one of another commit is no edit.
  expect((await editsAtRisk(where, seen.edits, { base, to, ours: [base] }, setup.git)).length).toBe(4);
  await removeFiles(checkout, await seenFiles(checkout, paths));
  expect(existsSync(named(checkout, "app/n\xe9w"))).toBe(false);
});
