import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import { untilDeployed } from "../builders/service-events.ts";
import type { TestHost } from "../host/host.ts";
import { poll } from "../host/poll.ts";

/** Before the real one in systemd's PATH. */
const recorder = "/usr/local/sbin/systemctl";
const record = "/var/log/systemctl.calls";

test("polls that find nothing new run no systemctl; without a bus each of them does", async () => {
  await using scene = await aScene({
    gitopper: { duration: "1s" },
    prepare: ({ host }) =>
      host.write(recorder, `#!/bin/sh\necho "$*" >>${record}\nexec /usr/bin/systemctl "$@"\n`, "0755"),
  });
  const { host, served, gitopper } = scene;
  await untilDeployed(scene);
  const looks = async (count: number) => {
    const before = served.requests.length;
    await poll(
      () => served.requests.length,
      // A poll is two requests, and in between the host is observed for each service.
      (seen) => seen >= before + 2 * count,
      { everyMs: 50, timeoutMs: 30_000, failure: () => "The daemon does not look" },
    );
  };
  await looks(2);
  const settled = await asked(host);
  expect(settled).toBeGreaterThan(0);
  await looks(4);
  expect(await asked(host)).toBe(settled);

  await host.run(["/usr/bin/systemctl", "stop", "dbus.socket", "dbus.service"]);
  const warning = /cannot hear from systemd what units do: .*; they are looked at once in an interval/;
  await expect.poll(() => gitopper.journal(), { timeout: 20_000 }).toMatch(warning);
  const alone = await asked(host);
  await host.run(["/usr/bin/systemctl", "kill", "--kill-who=main", "--signal=KILL", "app"]);
  await gitopper.until("app", (row) => row.state === "BROKEN");
  expect(await asked(host)).toBeGreaterThan(alone);
});

/** How often the daemon has queried units. */
async function asked(host: TestHost): Promise<number> {
  return Number(await host.sh(`grep -c '^show --property=Id' ${record} || true`));
}
