import { describe, expect, test } from "vitest";
import { aSettledDaemon, FakeDaemon } from "../../../test/builders/fake-daemon.ts";
import { conf, etc } from "../../../test/builders/observed.ts";
import type { AbsPath } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";
import type { Drift } from "../../model/service.ts";
import { createObserve } from "./observe.ts";

const heal: Drift = { mode: "heal", healsPerHour: 2 };
const observe = (daemon: FakeDaemon, healed = false) =>
  daemon.stages.observe(daemon.managed, daemon.upstream.tip, { healed });

test("a host that has nothing of the service lacks checkout and mounts", async () => {
  const daemon = new FakeDaemon();
  const { observed, drift, why } = await observe(daemon);
  expect(observed).toMatchObject({
    ...{
      applied: null,
      lastReloaded: null,
      checkout: { is: "absent" },
      packageMissing: false,
      verb: "reload",
    },
    links: [
      { link: etc, bind: "absent", stale: true, needsReload: true },
      { link: conf, bind: "absent", stale: true, needsReload: true },
    ],
  });
  expect([drift, why]).toEqual([{ drift: "" }, ""]);
});

test("a host that has all of a commit has nothing stale", async () => {
  const daemon = await aSettledDaemon();
  const first = daemon.upstream.tip;
  const { observed, isUnproven } = await observe(daemon);
  expect(observed).toMatchObject({
    ...{ applied: first, lastReloaded: first, interruptedAt: null, unfinished: false, unverified: false },
    checkout: { is: "fit", head: first, edited: false, narrowed: true, whole: true },
    links: [
      { bind: "mounted", stale: false, needsReload: false },
      { bind: "mounted", stale: false, needsReload: false },
    ],
    orphans: [],
  });
  expect(isUnproven).toBe(false);
});

test("only the links that a commit changes are stale", async () => {
  const daemon = await aSettledDaemon();
  daemon.upstream.push({ [conf.link]: "c2" });
  const { observed } = await observe(daemon);
  expect(observed.links.map(({ stale, needsReload }) => [stale, needsReload])).toEqual([
    [false, false],
    [true, true],
  ]);
});

test("a commit whose links are gone cannot be observed", async () => {
  const daemon = await aSettledDaemon();
  daemon.upstream.push({ [conf.link]: "c2" }, null);
  await expect(observe(daemon)).rejects.toThrow(
    'Cannot use link "app/etc": it does not exist in commit 00000002',
  );
});

test("files of no commit as a whole are not whole, and name where they may be from", async () => {
  const daemon = await aSettledDaemon();
  const first = daemon.upstream.tip;
  daemon.host.hooks.set("publish app/etc", () => daemon.stop());
  const second = await daemon.push({ [etc.link]: "e2" });
  const { observed } = await observe(daemon);
  expect(observed).toMatchObject({
    ...{ applied: first, interruptedAt: second, unfinished: true, lastReloaded: first },
    checkout: { is: "fit", head: second, narrowed: false, whole: false },
  });
});

test("a unit that was reloaded with a commit which failed is not reloaded again, unless files change", async () => {
  const daemon = await aSettledDaemon({ health: { settleMs: 0, probes: [], onFailure: "stay" } });
  const second = await daemon.push({ [etc.link]: "e2 unwell" });
  const { observed } = await observe(daemon);
  expect(observed).toMatchObject({ lastReloaded: second, unverified: true, unfinished: false });
  expect(observed.links.some(({ needsReload }) => needsReload)).toBe(false);
});

test("what was mounted for a link that the config no longer has is an orphan", async () => {
  const daemon = await aSettledDaemon();
  const orphan = "/etc/gone" as AbsPath;
  const { commit: to } = daemon.record;
  if (to === null) throw new Error("nothing was deployed");
  const start = {
    service: "app",
    from: to,
    to,
    trigger: "poll",
    by: "",
    startedAt: daemon.clock.now(),
  } as const;
  await daemon.records.begin({ ...start, mounts: [orphan], phase: daemon.record.phase });
  expect((await observe(daemon)).observed.orphans).toEqual([orphan]);
  await daemon.reconcile();
  expect(daemon.host.done()).toContain("unmount /etc/gone");
  expect((await observe(daemon)).observed.orphans).toEqual([]);
});

test("a mount of a file that was replaced shows the old one", async () => {
  const daemon = await aSettledDaemon();
  daemon.host.checkout?.files.set(conf.link, { text: "c1" });
  const { observed, why } = await observe(daemon);
  expect(observed.links.map(({ bind }) => bind)).toEqual(["mounted", "elsewhere"]);
  expect(why).toBe("mount /etc/app.conf was covered");
});

describe("drift of files", () => {
  test("is reported and left alone where the config says report", async () => {
    const daemon = await aSettledDaemon();
    daemon.host.edit(etc.link, "mine", daemon.clock.now());
    const { observed, drift, why, editedAt } = await observe(daemon);
    expect(observed.healsFiles).toBe(false);
    expect(drift).toEqual({ drift: "drift: 1 local edit: app/etc", code: "local-edits" });
    expect([why, editedAt]).toEqual(["", daemon.clock.now()]);
  });

  test("is healed where the config says so: saved, put right, and the unit reloaded", async () => {
    const daemon = await aSettledDaemon({ drift: heal });
    daemon.host.edit(etc.link, "mine", daemon.clock.now());
    daemon.host.checkout?.added.set("app/etc/new", "added");
    const { observed, why } = await observe(daemon);
    expect([observed.healsFiles, why]).toEqual([true, "drift: app/etc changed, app/etc/new added"]);
    await daemon.reconcile();
    expect(daemon.host.textAt(etc.link)).toBe("e1");
    expect(daemon.host.patches).toEqual(["mine", "added"]);
    expect(daemon.host.done()).toContain("systemctl reload");
    expect(daemon.history()[0]).toBe("1 heal done");
    expect(daemon.shown).toEqual(["OK", ""]);
  });

  test("is healed no more often than the config allows, until an hour has passed", async () => {
    const daemon = await aSettledDaemon({ drift: heal });
    const edit = (text: string) => {
      daemon.clock.advance(60_000);
      daemon.host.edit(etc.link, text, daemon.clock.now());
    };
    for (const text of ["one", "two", "three"]) {
      edit(text);
      await daemon.reconcile();
    }
    expect(daemon.host.textAt(etc.link)).toBe("three");
    expect(daemon.shown[1]).toContain("(not healed: 2 heals in the last hour)");
    daemon.clock.advance(3_600_000);
    await daemon.reconcile();
    expect(daemon.host.patches).toEqual(["one", "two", "three"]);
  });

  test("that comes while it is healed is left to the next reconcile, which is due at once", async () => {
    const daemon = await aSettledDaemon({ drift: heal });
    daemon.host.edit(etc.link, "one", daemon.clock.now());
    daemon.host.hooks.set("verify", () => daemon.host.edit(etc.link, "two", daemon.clock.now()));
    expect(await daemon.reconcile()).toBe(true);
    expect(daemon.host.textAt(etc.link)).toBe("two");
    daemon.host.hooks.clear();
    expect(await daemon.reconcile()).toBe(false);
    expect(daemon.host.patches).toEqual(["one", "two"]);
  });

  test("of a frozen service stays", async () => {
    const daemon = await aSettledDaemon({ drift: heal });
    daemon.freeze();
    daemon.host.edit(etc.link, "mine", daemon.clock.now());
    await daemon.reconcile();
    expect(daemon.host.textAt(etc.link)).toBe("mine");
    expect(daemon.shown[1]).toContain("(not healed: frozen)");
  });

  test("a checkout that was moved to another commit is drift, and is healed as such", async () => {
    const daemon = await aSettledDaemon({ drift: heal });
    const first = daemon.upstream.tip;
    const second = daemon.upstream.push({ [etc.link]: "e2" });
    daemon.upstream.reset(first);
    if (daemon.host.checkout) daemon.host.checkout.head = second;
    const { why } = await observe(daemon);
    expect(why).toBe("drift: the checkout was moved to 00000002, app/etc changed");
    await daemon.reconcile();
    expect([daemon.host.textAt(etc.link), ...daemon.host.patches]).toEqual(["e1"]);
    expect(daemon.host.checkout?.head).toBe(first);
  });
});

test("files are observed, and so watched, even where a mount cannot be", async () => {
  const { records, clock, managed, upstream } = await aSettledDaemon();
  const seen: string[] = [];
  const observeHost = createObserve({
    records,
    clock,
    checkouts: {
      observe: async () => {
        seen.push("files");
        return { checkout: { is: "absent" }, attributes: [] };
      },
      editedAt: () => null,
    },
    packages: { isMissing: async () => false },
    observeLinks: async () => () => {
      seen.push("mounts");
      throw new Problem("host", "a symlink leads elsewhere");
    },
  });
  await expect(observeHost(managed, upstream.tip)).rejects.toThrow("a symlink leads elsewhere");
  expect(seen).toEqual(["files", "mounts"]);
});
