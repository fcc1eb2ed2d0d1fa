import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { showEdits } from "../../src/git/edits/show-edits.ts";
import { askUpstream } from "../../src/git/fetch/poll-upstream.ts";
import { realGitDirOf } from "../../src/git/store/pointer.ts";
import { aCheckout, anUpstream, aStore, asked } from "./a-store.ts";

const signal = new AbortController().signal;
/** A path whose last byte is é in Latin-1. */
const cafe = (directory: string) => Buffer.concat([Buffer.from(join(directory, "app/caf")), Buffer.of(0xe9)]);

async function aScene(name: string, files: Record<string, string>) {
  const upstream = anUpstream(name, files);
  writeFileSync(cafe(upstream.path), "1\n");
  const base = upstream.commit({});
  const setup = aStore(upstream.path);
  await askUpstream(setup.store, ["main"], setup.tools, asked);
  const { checkout, look } = await aCheckout(setup, base, ["app"]);
  const show = async () => {
    const seen = await look();
    if (seen.is !== "present") throw new Error(seen.is);
    return showEdits({ store: setup.store, checkout }, { base, edits: seen.edits }, setup.git, signal);
  };
  return { checkout, show };
}

test("edits of every kind are shown as a patch, and the checkout's index stays as it is", async () => {
  const { checkout, show } = await aScene("shown", { "app/a": "a\n", "app/b": "b\n", "app/bin": "\0a" });
  expect(await show()).toEqual({ text: "", truncated: false, omitted: [] });
  writeFileSync(join(checkout, "app/a"), Buffer.from("caf\xe9\x1b[2J\r\n", "latin1"));
  chmodSync(join(checkout, "app/a"), 0o755);
  rmSync(join(checkout, "app/b"));
  writeFileSync(join(checkout, "app/bin"), "\0b");
  writeFileSync(cafe(checkout), "2\n");
  writeFileSync(join(checkout, "app/new"), "typed\n");
  symlinkSync("/etc/shadow", join(checkout, "app/way"));
  mkdirSync(join(checkout, "app/large"));
  writeFileSync(join(checkout, "app/large/file"), "x".repeat(1024 * 1024 + 1));
  const index = join(realGitDirOf(checkout) ?? "", "index");
  const { text, truncated, omitted } = await show();
  const before = readFileSync(index);
  await show();
  expect(readFileSync(index)).toEqual(before);
  expect(truncated).toBe(false);
  expect(omitted).toEqual([{ path: "app/large/file", why: "it is larger than 1 MiB" }]);
  const parts = [
    "--- a/app/a\n+++ b/app/a\n@@ -1 +1 @@\n-a\n+caf\\351\x1b[2J\r\n",
    "old mode 100644\nnew mode 100755\n",
    "--- a/app/b\n+++ /dev/null\n@@ -1 +0,0 @@\n-b\n",
    "Binary files a/app/bin and b/app/bin differ\n",
    '--- "a/app/caf\\351"\n+++ "b/app/caf\\351"\n@@ -1 +1 @@\n-1\n+2\n',
    "--- /dev/null\n+++ b/app/new\n@@ -0,0 +1 @@\n+typed\n",
    "new file mode 120000",
    "+/etc/shadow\n",
  ];
  for (const part of parts) expect(text).toContain(part);
});

test("a patch that is too long has the names of the files alone", async () => {
  const { checkout, show } = await aScene("long", { "app/a": "a\n", "app/b": "b\n" });
  for (const file of ["app/a", "app/b"]) writeFileSync(join(checkout, file), "y".repeat(900_000));
  expect(await show()).toEqual({ text: "M\tapp/a\nM\tapp/b\n", truncated: true, omitted: [] });
});
