import { expect, test } from "vitest";
import { aSettledDaemon, type FakeDaemon } from "../../../test/builders/fake-daemon.ts";
import { conf, etc } from "../../../test/builders/observed.ts";
import type { Step } from "../../rollout/plan.ts";
import { narrowingOf } from "../links.ts";

/** Carries out steps one after another; answers what each says of the narrowing. */
async function take(daemon: FakeDaemon, steps: readonly Step[], superseded = new AbortController().signal) {
  const { managed, upstream, stages, clock } = daemon;
  const start = {
    service: "app",
    commit: upstream.tip,
    trigger: "poll",
    by: "",
    since: clock.now(),
  } as const;
  const run = { managed, underWay: stages.underWays.begin(start), superseded, over: superseded };
  const narrowed: unknown[] = [];
  for (const step of steps) narrowed.push(await stages.execute(step, run));
  return narrowed;
}

test("a new checkout is of no commit before it exists, and is narrowed from the start", async () => {
  const daemon = await aSettledDaemon();
  const { tip: commit } = daemon.upstream;
  daemon.host.hooks.set("add-checkout", () => expect(daemon.record.phase.at).toBe("publishing"));
  const steps: Step[] = [
    { do: "set-aside", why: "it is damaged" },
    { do: "add-checkout", commit },
  ];
  const links = narrowingOf(daemon.managed.service);
  expect(await take(daemon, steps)).toEqual([{ links: "" }, { links }]);
  expect(daemon.host.checkout).toMatchObject({ head: commit, narrowed: true });
});

test("files are of no commit while they are published, and what is staged goes over as it is", async () => {
  const daemon = await aSettledDaemon();
  const base = daemon.upstream.tip;
  const commit = daemon.upstream.push({ [etc.link]: "e2" });
  daemon.host.hooks.set("publish app/etc", () =>
    expect(daemon.record.phase).toEqual({ at: "publishing", to: base, result: "interrupted" }),
  );
  const stage: Step = { do: "stage", commit, whole: false, ours: [], base };
  expect(await take(daemon, [stage, { do: "publish", commit }])).toEqual([undefined, undefined]);
  expect([daemon.host.textAt(etc.link), daemon.host.textAt(conf.link)]).toEqual(["e2", "c1"]);
});

test("a mount is put at its target, and an orphan is forgotten when it is unmounted", async () => {
  const daemon = await aSettledDaemon();
  expect(daemon.records.mounts("app")).toEqual([etc.local, conf.local]);
  await take(daemon, [{ do: "unmount", target: etc.local }]);
  expect([...daemon.host.mounts.keys()]).toEqual([conf.local]);
  expect(daemon.records.mounts("app")).toEqual([conf.local]);
  await take(daemon, [{ do: "mount", link: etc, hides: "a file" }]);
  expect(daemon.host.mounts.get(etc.local)?.text).toBe("e1");
  expect(daemon.logged.join("")).toContain("the mount at /etc/app hides a file");
});

test("verbs, unit files and packages are those of the step", async () => {
  const daemon = await aSettledDaemon();
  daemon.host.isInstalled = false;
  await take(daemon, [
    { do: "install-package", name: "caddy" },
    { do: "daemon-reload" },
    { do: "systemctl", verb: "restart" },
    { do: "verify", unit: true },
  ]);
  expect(daemon.host.done()).toEqual(["install caddy", "daemon-reload", "systemctl restart", "verify"]);
  expect(daemon.host.isInstalled).toBe(true);
});

test("a wait for health ends with the reason for which the deployment does", async () => {
  const daemon = await aSettledDaemon();
  const verify: Step = { do: "verify", unit: true };
  await expect(take(daemon, [verify], AbortSignal.abort("a freeze"))).rejects.toBe("a freeze");
});

test("what the probes say is the progress of the deployment", async () => {
  const daemon = await aSettledDaemon();
  await daemon.push({ [etc.link]: "e2" });
  const probes = daemon.events.flatMap((event) => (event.type === "progress" ? [event.progress.probe] : []));
  expect(probes).toContain("probed");
});

test("local edits are saved, and drift is cleared", async () => {
  const daemon = await aSettledDaemon();
  const { tip: base } = daemon.upstream;
  daemon.host.edit(conf.link, "mine", daemon.clock.now());
  await take(daemon, [{ do: "save-edits", base, to: base, interruptedAt: null }]);
  daemon.host.checkout?.added.set("app/etc/new", "added");
  await take(daemon, [{ do: "clear-drift", base, to: base }]);
  expect(daemon.host.patches).toEqual(["mine", "mine", "added"]);
  expect(daemon.host.checkout?.added.size).toBe(0);
});
