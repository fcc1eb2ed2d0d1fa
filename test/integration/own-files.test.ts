import {
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ownFiles } from "../../src/ctl/hosts/own-files.ts";

const scratch = mkdtempSync(join(tmpdir(), "gitopper-files-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const modeOf = (path: string) => statSync(path).mode & 0o777;

test("a config is for its owner alone, and so is the directory that is made for it", () => {
  const path = join(scratch, "new/config.toml");
  expect(ownFiles.read(path)).toBeNull();
  ownFiles.write(path, "a = 1\n");
  expect(ownFiles.read(path)).toBe("a = 1\n");
  expect([modeOf(path), modeOf(join(scratch, "new"))]).toEqual([0o600, 0o700]);
});

test("a config that is a link to somewhere else stays one", () => {
  const dotfile = join(scratch, "dotfile");
  const path = join(scratch, "link");
  writeFileSync(dotfile, "old");
  symlinkSync(dotfile, path);
  ownFiles.write(path, "new");
  expect([readlinkSync(path), readFileSync(dotfile, "utf8")]).toEqual([dotfile, "new"]);
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
