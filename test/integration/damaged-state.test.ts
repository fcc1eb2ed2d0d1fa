/** The state file, damaged in every way that a disk, a full one, a crash or a person brings about. */
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, test } from "vitest";
import { markDamaged, openState } from "../../src/daemon/open-state.ts";
import { TokenFile } from "../../src/history/token-file.ts";
import { openSshListener } from "../../src/listen/ssh-listener.ts";
import type { AbsPath } from "../../src/model/path.ts";
import { createLog } from "../../src/platform/log.ts";
import { aHost } from "../builders/a-host.ts";
import { run } from "../host/run.ts";
import { makeTempDir } from "../host/temp-dir.ts";

const scratch = makeTempDir("state");
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let count = 0;
const now = new Date("2026-11-28T04:30:00Z");

/** A state directory as a daemon with a token and a store leaves it. */
function aStateDir() {
  const dir = join(scratch, `${count++}`) as AbsPath;
  mkdirSync(join(dir, "stores", "app-1"), { recursive: true });
  const lines: string[] = [];
  const log = createLog({ debug: false }, (line) => void lines.push(line));
  const open = (at = now) => openState(dir, log, at);
  const { file } = openState(
    dir,
    createLog({ debug: false }, () => {}),
    now,
  );
  const tokens = new TokenFile(file);
  for (let i = 0; i < 200; i++)
    tokens.create({ name: `t${i}`, role: "read", createdBy: "root", expiresAt: null }, now);
  file.close();
  const broken = () =>
    readdirSync(dir)
      .filter((name) => name.includes(".broken-"))
      .sort();
  return { dir, path: join(dir, "state.db"), lines, open, broken };
}

function overwrite(path: string, at: number, bytes: Buffer): void {
  const all = readFileSync(path);
  bytes.copy(all, at);
  writeFileSync(path, all);
}

const pageBytes = 4096;

describe("is set aside, and a new one begins", () => {
  test.each<[string, (path: string) => unknown]>([
    ["truncated", (path) => truncateSync(path, Math.floor(statSync(path).size / 2 / pageBytes) * pageBytes)],
    ["truncated in the middle of its first page", (path) => truncateSync(path, 1_000)],
    ["garbage", (path) => writeFileSync(path, Buffer.alloc(50_000, "garbage"))],
    ["its header zeroed", (path) => overwrite(path, 0, Buffer.alloc(100))],
    ["half of its first page zeroed", (path) => overwrite(path, pageBytes / 2, Buffer.alloc(pageBytes / 2))],
    [
      "half a page of a table zeroed",
      (path) => overwrite(path, statSync(path).size - pageBytes, Buffer.alloc(pageBytes / 2)),
    ],
    [
      "a directory",
      (path) => {
        rmSync(path);
        mkdirSync(join(path, "x"), { recursive: true });
      },
    ],
    [
      "a pipe",
      async (path) => {
        rmSync(path);
        await run(["mkfifo", path]);
      },
    ],
    ["a directory in place of its log", (path) => mkdirSync(`${path}-wal`)],
  ])("%s", async (_, damage) => {
    const { path, lines, open, broken } = aStateDir();
    await damage(path);
    const { file, isLost } = open();
    expect(isLost).toBe(true);
    expect(new TokenFile(file).list()).toEqual([]);
    expect(broken()).toContain("state.db.broken-20261128T043000000Z");
    expect(lines).toEqual([
      expect.stringMatching(/^error: the state file .* is damaged \(.*\): it is .*broken-/),
    ]);
    file.close();
    const again = open();
    expect(again.isLost).toBe(false);
    again.file.close();
    expect(lines).toHaveLength(1);
  });

  test("damage that was found while gitopper ran, once", () => {
    const { dir, open, broken } = aStateDir();
    markDamaged(dir);
    open().file.close();
    open().file.close();
    expect(broken()).toHaveLength(1);
  });

  test("the three newest are kept", () => {
    const { path, open, broken } = aStateDir();
    for (let day = 1; day <= 5; day++) {
      writeFileSync(path, "no database at all, and long enough to be none".repeat(100));
      open(new Date(`2026-12-0${day}T00:00:00Z`)).file.close();
    }
    expect(broken().map((name) => name.slice(-19, -11))).toEqual(["20261203", "20261204", "20261205"]);
  });
});

test("an empty or missing file is reported when stores exist", () => {
  for (const lose of [(path: string) => truncateSync(path, 0), (path: string) => rmSync(path)]) {
    const { path, lines, open, broken } = aStateDir();
    lose(path);
    const { file, isLost } = open();
    file.close();
    expect([isLost, broken()]).toEqual([true, []]);
    expect(lines).toEqual([expect.stringContaining("was empty or missing: freezes, rollbacks")]);
  }
});

test("a log of SQLite's that is damaged loses what was not yet in the file, and nothing else", () => {
  const { path, lines, open } = aStateDir();
  const { file } = open();
  new TokenFile(file).create({ name: "late", role: "read", createdBy: "root", expiresAt: null }, now);
  const wal = readFileSync(`${path}-wal`);
  const before = readFileSync(path);
  file.close();
  writeFileSync(path, before);
  writeFileSync(
    `${path}-wal`,
    wal.map((byte, at) => (at > 2_000 ? byte ^ 0xff : byte)),
  );
  const again = open();
  expect(again.isLost).toBe(false);
  expect(new TokenFile(again.file).list().length).toBeGreaterThanOrEqual(200);
  again.file.close();
  expect(lines).toEqual([]);
});

test("damage in a table that is read later is reported when it is found", () => {
  const { path, open } = aStateDir();
  const first = open().file;
  for (let i = 0; i < 500; i++)
    first
      .sql("INSERT INTO events (at, type, service, text) VALUES (?, ?, ?, ?)")
      .run(i, "x", "app", "x".repeat(200));
  first.close();
  const root = Number(rootPageOf(path, "events"));
  overwrite(path, (root - 1) * pageBytes, Buffer.alloc(pageBytes));
  const { file, isLost } = open();
  const seen: string[] = [];
  file.onDamage = (why) => void seen.push(why);
  expect(isLost).toBe(false);
  expect(() => file.sql("SELECT * FROM events").all()).toThrow();
  expect(seen).toEqual([expect.stringContaining("malformed")]);
  file.close();
});

function rootPageOf(path: string, table: string): unknown {
  const db = new DatabaseSync(path);
  const row = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = ?").get(table);
  db.close();
  return row?.rootpage;
}

describe("is refused, and stays as it is", () => {
  const refused = (dir: ReturnType<typeof aStateDir>, why: RegExp) => {
    expect(() => dir.open()).toThrow(why);
    expect(dir.broken()).toEqual([]);
    expect(dir.lines).toEqual([]);
  };

  test("of a newer gitopper", () => {
    const dir = aStateDir();
    const db = new DatabaseSync(dir.path);
    db.exec("PRAGMA user_version = 99");
    db.close();
    refused(dir, /^Cannot open the state file .*: A newer gitopper wrote it/);
  });

  test("in use", () => {
    const dir = aStateDir();
    const { file } = dir.open();
    refused(dir, /another gitopper uses it/);
    file.close();
  });

  test("on a file system that is read-only, or full", async () => {
    const dir = aStateDir();
    const at = join(dir.dir, "mnt") as AbsPath;
    mkdirSync(at);
    const log = createLog({ debug: false }, (line) => void dir.lines.push(line));
    await run(["mount", "-t", "tmpfs", "-o", "size=64k", "gitopper-test", at]);
    try {
      mkdirSync(join(at, "stores"));
      const filler = join(at, "filler");
      writeFileSync(filler, "");
      expect(() => {
        for (;;) appendFileSync(filler, Buffer.alloc(4096));
      }).toThrow("ENOSPC");
      expect(() => openState(at, log, now)).toThrow(/state\.db: its disk is full; make room there$/);
      rmSync(filler);
      await run(["mount", "-o", "remount,ro", at]);
      expect(() => openState(at, log, now)).toThrow(
        /state\.db: it cannot be written; check that its file system/,
      );
      expect(readdirSync(at).filter((name) => name.includes("broken"))).toEqual([]);
    } finally {
      await run(["umount", at]);
    }
  });
});

test("a host key of SSH that is damaged is set aside, and a new one is made", async () => {
  const { dir, lines, broken } = aStateDir();
  const log = createLog({ debug: false }, (line) => void lines.push(line));
  const path = join(dir, "ops.pub");
  await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", join(dir, "ops")]);
  const open = async () => {
    const doors = {
      router: { routes: [], host: aHost(), log: () => {} },
      failedLogins: { record: () => false, isLimited: () => false },
    };
    const keys = [{ path, readOnly: false }];
    for (const listener of await openSshListener({
      ...doors,
      ssh: "127.0.0.1:0",
      keys,
      stateDir: dir,
      log,
    } as never))
      await listener.close();
    return lines.splice(0).filter((line) => line.includes("host key"));
  };
  const [first] = await open();
  expect(await open()).toEqual([first]);
  for (const damaged of ["", "damaged", readFileSync(join(dir, "ops.pub"))]) {
    writeFileSync(join(dir, "ssh_host_ed25519_key"), damaged);
    const [said, made] = await open();
    expect(said).toMatch(/^error: ssh: the host key .* is damaged, .* it is .*broken-/);
    expect(made).toMatch(/the host key is SHA256:/);
    expect(made).not.toBe(first);
  }
  expect(broken().length).toBeGreaterThan(0);
});

test("what is beside a symlink to another disk is left alone", async () => {
  const { dir, path, open } = aStateDir();
  const elsewhere = join(dir, "elsewhere.db");
  await run(["mv", path, elsewhere]);
  await run(["ln", "-s", elsewhere, path]);
  const { file, isLost } = open();
  expect(isLost).toBe(false);
  file.close();
  expect(lstatSync(path).isSymbolicLink()).toBe(true);
  expect(existsSync(elsewhere)).toBe(true);
});
