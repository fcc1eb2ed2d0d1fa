import { chmodSync, chownSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { SecretRing, secretsBeside, secretsLeftOut } from "../../src/credentials/secret-files.ts";
import { makeTempDir } from "../host/temp-dir.ts";

const scratch = makeTempDir("secrets");
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const path = join(scratch, "secret");
const good = "0123456789abcdef";
const before = process.env.CREDENTIALS_DIRECTORY;

beforeEach(() => {
  rmSync(path, { recursive: true, force: true });
  writeFileSync(path, `${good}\n`, { mode: 0o600 });
});
afterEach(() => {
  if (before === undefined) delete process.env.CREDENTIALS_DIRECTORY;
  else process.env.CREDENTIALS_DIRECTORY = before;
});

/** What a webhook with this secret has, and what is said about it. */
function read(place: { file: string } | { credential: string }) {
  const told: string[] = [];
  const secrets = new SecretRing([place], (line) => told.push(line)).current(0);
  return { secrets, told: told.join() };
}

function toDirectory(): void {
  rmSync(path);
  mkdirSync(path, { mode: 0o700 });
}

test("a file that root alone can read has the secret, without the end of its line", () => {
  expect(read({ file: path })).toEqual({ secrets: [good], told: "" });
});

test.each<[string, () => void, RegExp]>([
  ["its group can read", () => chmodSync(path, 0o640), /may be for root alone; look at owner and mode/],
  ["all can read", () => chmodSync(path, 0o604), /may be for root alone/],
  ["belongs to somebody else", () => chownSync(path, 65_534, 65_534), /may be for root alone/],
  ["is not there", () => rmSync(path), /does not exist/],
  ["is a directory", toDirectory, /is not a file/],
  [
    "is empty",
    () => writeFileSync(path, "\n"),
    /fewer than 16 characters; make one with: openssl rand -hex 32/,
  ],
  ["has two lines", () => writeFileSync(path, `${good}\n${good}\n`), /has several lines/],
  ["is large", () => writeFileSync(path, "x".repeat(5_000)), /more than 4096 bytes/],
])("a file that %s has none, and it is said why", (_, change, why) => {
  change();
  const { secrets, told } = read({ file: path });
  expect(secrets).toEqual([]);
  expect(told).toMatch(why);
  expect(told).not.toContain(good);
});

test("a file in a directory that others can change has none", () => {
  const open = join(scratch, "open");
  mkdirSync(open);
  chmodSync(open, 0o777);
  symlinkSync(path, join(open, "link"));
  expect(read({ file: join(open, "link") }).told).toContain(open);
});

test("a credential is where systemd says", () => {
  expect(read({ credential: "secret" }).told).toContain("LoadCredential=");
  process.env.CREDENTIALS_DIRECTORY = scratch;
  chmodSync(path, 0o440);
  expect(read({ credential: "secret" }).secrets).toEqual([good]);
});

test("files are read again when a second has passed, and what is wrong is said once", () => {
  const told: string[] = [];
  const ring = new SecretRing([{ file: path }, { file: join(scratch, "new") }], (line) => told.push(line));
  expect(ring.current(0)).toEqual([good]);
  writeFileSync(path, `another ${good}`);
  expect(ring.current(999)).toEqual([good]);
  expect(ring.current(1_000)).toEqual([`another ${good}`]);
  expect(ring.current(2_000)).toHaveLength(1);
  expect(told).toHaveLength(1);
});

test("paths are relative to the config, and doctor names unusable secrets", () => {
  const hook = { name: "hook", kind: "github", upstreams: null } as const;
  const [beside] = secretsBeside("/etc/gitopper/config.toml", [
    { ...hook, secrets: [{ file: "a" }, { file: "/b" }, { credential: "c" }] },
  ]);
  expect(beside?.secrets).toEqual([{ file: "/etc/gitopper/a" }, { file: "/b" }, { credential: "c" }]);
  expect(secretsLeftOut([{ ...hook, secrets: [{ file: path }] }])).toEqual([]);
  expect(secretsLeftOut([{ ...hook, secrets: [{ file: "/nope" }] }])).toEqual([
    "webhook hook: /nope does not exist",
  ]);
});
