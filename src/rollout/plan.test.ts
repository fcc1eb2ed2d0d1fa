import { describe, expect, test } from "vitest";
import {
  aCheckout,
  aLink,
  aService,
  aUnit,
  changed,
  conf,
  seen,
  steps,
} from "../../test/builders/observed.ts";
import type { AbsPath } from "../model/path.ts";

describe("files", () => {
  test("nothing to do is no step", () => {
    expect(steps(seen())).toEqual([]);
  });
  test("a change of interest is staged and published, and the unit is reloaded", () => {
    expect(steps(seen({ links: [changed] }))).toEqual(["stage", "publish", "systemctl reload", "verify"]);
  });
  test("drift that is to be healed is cleared away, git's files come back, and the unit is reloaded", () => {
    const drifted = seen({ checkout: aCheckout({ edited: true }), healsFiles: true });
    expect(steps(drifted)).toEqual(["stage", "clear-drift", "publish", "systemctl reload", "verify"]);
    const file = aLink({ link: conf });
    expect(steps(seen({ links: [file], healsFiles: true }))).toContain("mount /etc/app.conf");
  });
  test("the first deployment makes everything and starts a unit that does not run", () => {
    const first = seen({
      applied: null,
      checkout: { is: "absent" },
      links: [aLink({ stale: true, needsReload: true, bind: "absent" })],
      unit: aUnit({ active: "inactive" }),
    });
    expect(steps(first)).toEqual([
      "add-checkout",
      "stage",
      "publish",
      "mount /etc/app",
      "systemctl start",
      "verify",
    ]);
  });
  test("local edits are saved before a publish overwrites them, and left alone otherwise", () => {
    const edited = seen({ checkout: aCheckout({ edited: true }), links: [changed] });
    expect(steps(edited).slice(0, 3)).toEqual(["stage", "save-edits", "publish"]);
    expect(steps(seen({ checkout: aCheckout({ edited: true }) }))).toEqual([]);
  });
  test("a damaged checkout is set aside, and its mounts are made again", () => {
    const damaged = seen({ checkout: { is: "unfit", why: "index file corrupt" } });
    expect(steps(damaged)).toEqual([
      "set-aside",
      "add-checkout",
      "stage",
      "publish",
      "mount /etc/app",
      "systemctl reload",
      "verify",
    ]);
  });
  test("a checkout that was cut off is brought to an end", () => {
    expect(steps(seen({ checkout: aCheckout({ whole: false }), unfinished: true }))).toEqual([
      "stage",
      "publish",
      "systemctl reload",
      "verify",
    ]);
  });
  test("a missing package comes alone", () => {
    expect(steps(seen({ packageMissing: true, links: [changed] }), aService({ package: "app" }))).toEqual([
      "install-package",
    ]);
  });
});

describe("mounts", () => {
  test("a lost mount is made again and the unit is reloaded", () => {
    expect(steps(seen({ links: [aLink({ bind: "absent" })] }))).toEqual([
      "mount /etc/app",
      "systemctl reload",
      "verify",
    ]);
  });
  test("a mount of something else is replaced", () => {
    expect(steps(seen({ links: [aLink({ bind: "elsewhere" })] }))).toEqual([
      "mount /etc/app",
      "systemctl reload",
      "verify",
    ]);
  });
  test("a changed single file is mounted again; one that did not change is left", () => {
    const file = aLink({ link: conf, stale: true, needsReload: true });
    expect(steps(seen({ links: [file] }))).toEqual([
      "stage",
      "publish",
      "mount /etc/app.conf",
      "systemctl reload",
      "verify",
    ]);
    expect(steps(seen({ links: [changed, aLink({ link: conf })] }))).toEqual([
      "stage",
      "publish",
      "systemctl reload",
      "verify",
    ]);
  });
  test("a mount that left the config goes", () => {
    expect(steps(seen({ orphans: ["/etc/old" as AbsPath] }))[0]).toBe("unmount /etc/old");
  });
});

test("a check, and unit files, are judged before anything is seen; edits are saved only when it is good", () => {
  const check = { commands: [["true"]], user: null, timeoutMs: 1, network: false };
  const edited = seen({ links: [changed], checkout: aCheckout({ edited: true }) });
  const good = ["systemctl reload", "verify"];
  expect(steps(edited, aService({ check }))).toEqual(["stage", "check", "save-edits", "publish", ...good]);
  expect(steps(seen({ links: [changed, aLink({ unitFiles: true })] })).slice(0, 3)).toEqual([
    "stage",
    "check",
    "publish",
  ]);
});
