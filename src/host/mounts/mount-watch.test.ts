import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { FakeClock } from "../../../test/builders/fake-clock.ts";
import { isBelow, MountWatch } from "./mount-watch.ts";

const root = "1 0 8:1 / / rw shared:1 - ext4 /dev/sda rw";
const ours = "2 1 8:1 /srv/app/etc /etc/app rw shared:1 - ext4 /dev/sda rw";
const readOnly = ours.replace(" rw ", " ro ");
const other = "3 1 0:9 / /run/user/0 rw shared:7 - tmpfs tmpfs rw";

/**
 * The reported points of each check, one check for each table; a table null cannot be read. The kernel reports a change
 * at the checks for which `changesAt` holds.
 */
async function told(
  tables: readonly (readonly string[] | null)[],
  {
    mountedBefore = {},
    changesAt = () => true,
  }: { mountedBefore?: Record<number, string>; changesAt?: (look: number) => boolean } = {},
) {
  const clock = new FakeClock("2026-01-01T00:00:00Z");
  const stop = new AbortController();
  const looks: string[][] = tables.slice(1).map(() => []);
  let look = 0;
  const read = () => {
    const table = tables[look];
    if (!table) throw new Error("EIO");
    return Buffer.from(`${table.join("\n")}\n`);
  };
  const watch = new MountWatch(clock, (points) => looks[look - 1]?.push(...points), {
    read,
    hasChanged: () => changesAt(look),
  });
  const run = watch.run(stop.signal);
  for (look = 1; look < tables.length; look += 1) {
    const target = mountedBefore[look];
    if (target !== undefined) watch.mounted(target);
    clock.advance(2_000);
    await setImmediate();
  }
  stop.abort();
  await run;
  return looks;
}

test("it reports each mount, unmount and remount once, with its mount point", async () => {
  const tables = [[root], [root, ours], [root, ours], [root, readOnly], [root, readOnly, other], [root]];
  expect(await told(tables)).toEqual([
    ["/etc/app"],
    [],
    ["/etc/app"],
    ["/run/user/0"],
    ["/etc/app", "/run/user/0"],
  ]);
});

test("it reports our own mount that was undone before a check", async () => {
  expect(await told([[root], [root], [root]], { mountedBefore: { 1: "/etc/app" } })).toEqual([
    ["/etc/app"],
    [],
  ]);
});

test("a table that cannot be read is read again, and nothing is lost", async () => {
  expect(await told([[root, ours], null, [root]])).toEqual([[], ["/etc/app"]]);
});

test("a change is not lost while the mount table cannot be read", async () => {
  const tables = [[root, ours], null, [root]];
  expect(await told(tables, { changesAt: (look) => look === 1 })).toEqual([[], ["/etc/app"]]);
});

test("what the kernel does not count as a change is seen within a minute", async () => {
  const tables = [[root, ours], ...Array.from({ length: 40 }, () => [root])];
  const looks = await told(tables, { changesAt: () => false });
  expect(looks.flatMap((points, look) => (points.length > 0 ? [look + 1] : []))).toEqual([30]);
});

test("a mount concerns the paths at its point and below it", () => {
  const points = new Set(["/etc/app"]);
  expect(["/etc/app", "/etc/app/conf/x", "/etc/apps", "/etc"].map((path) => isBelow(path, points))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
