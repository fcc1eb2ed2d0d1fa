import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, type watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { AbsPath, RepoPath } from "../../src/model/path.ts";
import { plainService, type Service } from "../../src/model/service.ts";
import { TreeWatch } from "../../src/platform/files/watch-tree.ts";
import { createLog } from "../../src/platform/log.ts";
import { FileWatch } from "../../src/wake/watch-files.ts";
import { FakeClock } from "../builders/fake-clock.ts";
import { poll } from "../host/poll.ts";

const scratch = mkdtempSync(join(tmpdir(), "gitopper-watch-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const whole = [
  { path: ".", deep: false },
  { path: "app", deep: false },
  { path: "app/etc", deep: true },
];

function aTree(name: string, hands: Partial<ConstructorParameters<typeof TreeWatch>[0]> = {}) {
  const top = join(scratch, name);
  mkdirSync(join(top, "app/etc/d"), { recursive: true });
  mkdirSync(join(top, "other"));
  writeFileSync(join(top, "app/etc/conf"), "one\n");
  let changes = 0;
  const onChange = () => {
    changes += 1;
  };
  const tree = new TreeWatch({ onChange, max: 100, allowance: { left: 100 }, ...hands });
  const until = (count: number) =>
    poll(
      () => changes,
      (seen) => seen >= count,
      { everyMs: 5, timeoutMs: 5_000, failure: (seen) => `${seen} changes instead of ${count}` },
    );
  return {
    top,
    tree,
    cover: () => tree.cover(top, whole),
    /** Waits for the first change, and covers again until no change is reported. */
    told: async () => {
      await until(1);
      changes = 0;
      await tree.cover(top, whole);
    },
    changes: () => changes,
    [Symbol.dispose]: () => tree.close(),
  };
}

describe("every kind of change is reported", () => {
  test.each([
    ["in place", "echo two >app/etc/conf"],
    ["by sed", "sed -i s/one/two/ app/etc/conf"],
    ["as vim does", "mv app/etc/conf app/etc/conf~; echo two >app/etc/conf; rm app/etc/conf~"],
    ["mode", "chmod 600 app/etc/conf"],
    ["owner", "chown 1 app/etc/conf"],
    ["a directory's mode", "chmod 700 app/etc"],
    ["added", "touch app/etc/new"],
    ["removed", "rm app/etc/conf"],
    ["made deep", "mkdir -p app/etc/d/e/f/g"],
    ["all gone", "rm -rf app"],
    ["the checkout itself gone", "rm -rf ../$(basename $PWD)"],
    ["a symlink", "ln -s /etc app/etc/link"],
  ])("%s", async (name, script) => {
    using watched = aTree(`how-${name.replaceAll(/\W/g, "-")}`);
    expect(await watched.cover()).toBeNull();
    execFileSync("sh", ["-euc", script], { cwd: watched.top });
    await watched.told();
  });
});

test("directories that come are watched, and those that go are not any more", async () => {
  using watched = aTree("come-and-go");
  await watched.cover();
  expect(watched.tree.size).toBe(4);
  mkdirSync(join(watched.top, "app/etc/d/e/f"), { recursive: true });
  await watched.told();
  expect(watched.tree.size).toBe(6);
  writeFileSync(join(watched.top, "app/etc/d/e/f/x"), "");
  await watched.told();
  rmSync(join(watched.top, "app/etc/d"), { recursive: true });
  await watched.told();
  expect(watched.tree.size).toBe(3);
});

test("nothing outside the links is watched, and nothing behind a symlink", async () => {
  using watched = aTree("outside");
  mkdirSync(join(scratch, "elsewhere/deep"), { recursive: true });
  symlinkSync(join(scratch, "elsewhere"), join(watched.top, "app/etc/link"));
  await watched.cover();
  expect(watched.tree.size).toBe(4);
  rmSync(join(watched.top, "app/etc"), { recursive: true });
  symlinkSync(join(scratch, "elsewhere"), join(watched.top, "app/etc"));
  await watched.told();
  expect(watched.tree.size).toBe(2);
});

test("ten thousand changes are reported once per directory", async () => {
  using watched = aTree("storm");
  await watched.cover();
  const script = "i=0; while [ $i -lt 10000 ]; do echo x >>app/etc/d/$((i % 100)); i=$((i + 1)); done";
  execFileSync("sh", ["-euc", script], { cwd: watched.top });
  chmodSync(join(watched.top, "app/etc/conf"), 0o600);
  await poll(
    () => watched.changes(),
    (seen) => seen === 2,
    { everyMs: 5, timeoutMs: 5_000, failure: (seen) => `${seen} changes` },
  );
  expect(watched.tree.size).toBe(2);
  await watched.cover();
  expect(watched.tree.size).toBe(4);
});

test("no more directories are watched than may be, of one tree and of all", async () => {
  const allowance = { left: 5 };
  using one = aTree("few", { max: 3, allowance });
  using other = aTree("fewer", { allowance });
  expect(await one.cover()).toEqual({ why: "too many" });
  expect(await other.cover()).toEqual({ why: "too many" });
  expect([one.tree.size, other.tree.size, allowance.left]).toEqual([3, 2, 0]);
  one.tree.close();
  expect(allowance.left).toBe(3);
});

const clock = () => new FakeClock("2026-11-24T10:00:00Z");
const aService = (name: string, top: string): Service => ({
  ...plainService,
  ...{ name, machine: "alpha", upstream: "u", branch: "main", user: "root" },
  checkout: top as AbsPath,
  links: [{ local: null, link: "app/etc" as RepoPath, file: false }],
});

test("a kernel that refuses is named once, with the sysctl to raise", async () => {
  const lines: string[] = [];
  const log = createLog({ debug: false }, (line) => lines.push(line));
  const refuse = ((): never => {
    throw Object.assign(new Error("no"), { code: "ENOSPC" });
  }) as unknown as typeof watch;
  using place = aTree("refused");
  const files = new FileWatch({ clock: clock(), log, stopping: AbortSignal.abort(), watch: refuse });
  await files.cover(aService("app", place.top));
  expect(lines).toEqual([]);

  const stop = new AbortController();
  const refused = new FileWatch({ clock: clock(), log, stopping: stop.signal, watch: refuse });
  for (const name of ["app", "app", "other"]) await refused.cover(aService(name, place.top));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("raise fs.inotify.max_user_watches with sysctl");
  stop.abort();
});

test("a service is reconciled soon after a change, once for many changes, and not when the daemon stops", async () => {
  using place = aTree("paced");
  const time = clock();
  const stop = new AbortController();
  const log = createLog({ debug: false }, () => {});
  const files = new FileWatch({ clock: time, log, stopping: stop.signal });
  const turns: string[] = [];
  files.onChange = async (name) => {
    turns.push(name);
    await files.cover(aService("app", place.top));
  };
  const changed = async () => {
    writeFileSync(join(place.top, "app/etc/conf"), "two\n");
    writeFileSync(join(place.top, "app/etc/d/new"), "two\n");
    await expect.poll(() => time.sleeping().length).toBe(1);
  };
  await files.cover(aService("app", place.top));
  await changed();
  expect(turns).toEqual([]);
  time.advance(300);
  await expect.poll(() => turns).toEqual(["app"]);
  await changed();
  stop.abort();
  time.advance(300);
  await expect.poll(() => files.size).toBe(0);
  expect(turns).toEqual(["app"]);
});
