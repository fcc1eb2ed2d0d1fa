import { expect, test } from "vitest";
import { aConfig, aService } from "../builders/config.ts";
import { startGitopper } from "../host/gitopper.ts";
import { bootHost } from "../host/host.ts";
import { poll } from "../host/poll.ts";
import { freePort } from "../host/port.ts";
import { makeUpstream } from "../host/upstream.ts";

const link = "prometheus/prometheus.yml";
const config = (job: string): string => `scrape_configs:
  - job_name: ${job}
    static_configs:
      - targets: ["127.0.0.1:9"]
`;

/** The config that prometheus works with; empty as long as it does not answer. */
async function liveConfig(port: number): Promise<string> {
  const url = `http://127.0.0.1:${port}/api/v1/status/config`;
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => null);
  return (await response?.text()) ?? "";
}

test("a push of prometheus.yml reaches the running prometheus", async () => {
  const port = await freePort();
  await using upstream = await makeUpstream({ files: { [link]: config("first") } });
  await using host = await bootHost({ name: "alpha" });
  await host.write("/etc/default/prometheus", `ARGS="--web.listen-address=127.0.0.1:${port}"\n`);
  const gitopper = await startGitopper(host, {
    config: aConfig((await upstream.serve()).url, [
      aService({
        service: "prometheus",
        user: "prometheus",
        package: "prometheus",
        dirs: [{ local: "/etc/prometheus/prometheus.yml", link, file: true }],
      }),
    ]),
  });
  const failure = (seen: string): Promise<string> => gitopper.journal().then((log) => `${seen}\n${log}`);
  const untilLive = (job: string): Promise<string> =>
    poll(
      () => liveConfig(port),
      (text) => text.includes(job),
      { everyMs: 100, timeoutMs: 60_000, failure },
    );
  await untilLive("first");
  const pid = await host.sh("systemctl show --value --property=MainPID prometheus");

  const second = await upstream.commit({ [link]: config("second") });
  await gitopper.pull("prometheus");
  expect(await untilLive("second")).not.toContain("first");
  await gitopper.until("prometheus", (row) => row.hash === second && row.state === "OK");
  expect(await host.sh("systemctl show --value --property=MainPID prometheus")).toBe(pid);
  expect(await host.sh("stat -c %U /etc/prometheus/prometheus.yml")).toBe("prometheus");
});
