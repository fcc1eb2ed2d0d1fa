import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import { deploymentsOf, pullAndWait } from "../builders/verdicts.ts";
import { configPath, gitopperBin } from "../host/gitopper-unit.ts";
import type { TestHost } from "../host/host.ts";
import { events, untilEvent } from "../host/unit.ts";

/** What of the host a deployment could change: names, kinds, modes, contents, mounts and the unit. */
const lookAt = (host: TestHost) =>
  host.sh(`find /etc/app /opt/own -printf '%p %y %m %u %s\\n' | sort
    cat /etc/app/conf /etc/app/beside /opt/own/file
    findmnt --noheadings --list --output TARGET | grep -E '^/(etc/app|opt)' || true
    systemctl is-active app; systemctl is-enabled app || true`);

const withoutRepeats = (all: readonly string[]) => all.filter((event, index) => event !== all[index - 1]);

test("a first deployment that fails is undone, and the unit runs with the host's own files as before", async () => {
  const health = [{ command: ["grep", "-q", "good", "/etc/app/conf"], interval: "50ms", deadline: "200ms" }];
  let before = "";
  await using scene = await aScene({
    files: { "app/etc/conf": "bad\n", "app/file": "x\n", "app/deep/file": "y\n" },
    service: {
      settle: "100ms",
      health,
      dirs: [
        { local: "/etc/app", link: "app/etc" },
        { local: "/opt/own/file", link: "app/file", file: true },
        { local: "/opt/own/made/file", link: "app/file", file: true },
        { local: "/opt/own/deep/er", link: "app/deep" },
      ],
    },
    prepare: async ({ host }) => {
      await host.write("/etc/app/conf", "own\n");
      await host.write("/etc/app/beside", "own too\n");
      await host.write("/opt/own/file", "own file\n");
      await host.run(["systemctl", "start", "app"]);
      before = await lookAt(host);
    },
  });
  const { host, gitopper, upstream } = scene;
  const bad = await upstream.head();
  const why = new RegExp(` ${bad.slice(0, 8)}: command grep `);
  const undone = { state: "DIFF", commit: null, info: expect.stringMatching(why) };
  expect(await gitopper.untilReason("app", "undone")).toMatchObject(undone);
  expect(await lookAt(host)).toBe(before);
  expect(await events(host, "app")).toEqual(["start own", "reload bad", "reload own"]);
  expect(await host.sh("journalctl -u gitopper --no-pager")).toContain(
    `undid the first deployment, of ${bad.slice(0, 8)}: unmounted /etc/app, `,
  );

  // It stays so: over polls and a restart of the daemon, until a pull with --again.
  await pullAndWait(gitopper, "app");
  await gitopper.restart();
  await pullAndWait(gitopper, "app");
  expect(await lookAt(host)).toBe(before);
  expect(await events(host, "app")).toEqual(["start own", "reload bad", "reload own"]);

  // Killed while the unit reloads the host's own files: the next start has the same result.
  await gitopper.ctl("pull", "app", "@", "--again");
  const again = ["start own", "reload bad", "reload own", "reload bad", "reload own"];
  await expect.poll(() => events(host, "app"), { timeout: 30_000 }).toEqual(again);
  await gitopper.kill9();
  await gitopper.start();
  await pullAndWait(gitopper, "app");
  expect(await gitopper.untilReason("app", "undone")).toMatchObject(undone);
  expect(await lookAt(host)).toBe(before);
  expect(withoutRepeats(await events(host, "app"))).toEqual(again);
  expect((await deploymentsOf(gitopper, "app")).map(({ to, result }) => [to, result])).toEqual([
    [bad, "failed"],
  ]);

  const checked = await host.run([gitopperBin, "--check", "-c", configPath]);
  expect(checked.stdout).toContain("app/etc at /etc/app, which hides 2 entries of the host: beside, conf\n");
  const good = await upstream.commit({ "app/etc/conf": "good\n" });
  const planned = await gitopper.ctl("plan", "app", "@");
  expect(planned).toContain("mount app/etc at /etc/app, which hides 2 entries of the host: beside, conf\n");
  expect((await pullAndWait(gitopper, "app")).status).toBe(0);
  await untilEvent(host, "app", "reload good");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === good);
  expect(await host.read("/opt/own/deep/er/file")).toBe("y\n");
});
