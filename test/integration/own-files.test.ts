import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ownFiles } from "../../src/ctl/hosts/own-files.ts";

const scratch = mkdtempSync(join(tmpdir(), "gitopper-files-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test("a config that is a link is read, and one that is missing is none", () => {
  const [dotfile, path] = [join(scratch, "dotfile"), join(scratch, "link")];
  expect([ownFiles.read(path), ownFiles.read(join(dotfile, "below"))]).toEqual([null, null]);
  writeFileSync(dotfile, "a = 1\n");
  symlinkSync(dotfile, path);
  expect(ownFiles.read(path)).toBe("a = 1\n");
  expect(ownFiles.read(join(dotfile, "below"))).toBeNull();
});

test("a socket is one that is there, and no other file", async () => {
  const path = join(scratch, "sock");
  expect(ownFiles.isUsableSocket(path)).toBe(false);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  expect(ownFiles.isUsableSocket(path)).toBe(true);
  server.close();
  expect(ownFiles.isUsableSocket(join(scratch, "dotfile"))).toBe(false);
});
