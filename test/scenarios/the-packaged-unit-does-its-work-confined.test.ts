import { expect, test } from "vitest";
import { serviceDetails } from "../../src/api/shapes.ts";
import { secret, webhookOf } from "../builders/webhooks.ts";
import { offerDeb, useLocalApt } from "../host/apt.ts";
import { Gitopper } from "../host/gitopper.ts";
import { configPath, packagedUnitPath } from "../host/gitopper-unit.ts";
import { bootHost, type TestHost } from "../host/host.ts";
import { installPackagedUnit } from "../host/packaged-unit.ts";
import { poll } from "../host/poll.ts";
import { freePort } from "../host/port.ts";
import { run } from "../host/run.ts";
import { addService, untilEvent } from "../host/unit.ts";
import { makeUpstream } from "../host/upstream.ts";

test("the packaged unit, confined as it is, installs, checks, mounts, heals, reverts and receives webhooks", async () => {
  await using upstream = await makeUpstream({ files: { "app/etc/conf": "one\n" } });
  const served = await upstream.serve();
  await using host = await bootHost({ name: "alpha" });
  await addService(host, "app", { readsFile: "/etc/app/conf" });
  await useLocalApt(host);
  const postinst = "useradd --system tiny; chmod 4755 /usr/share/tiny/version";
  await offerDeb(host, { name: "tiny", version: "1.0", postinst });
  await host.write("/etc/gitopper/forge.secret", `${secret}\n`, "0600");
  await host.write(configPath, tourConfig(served.url));
  const port = await freePort();
  await installPackagedUnit(host, { port });
  const gitopper = new Gitopper(host, port);
  await gitopper.start();
  const isAt = (commit: string) => (row: { state: string; hash: string }) =>
    row.state === "OK" && row.hash === commit;

  await untilEvent(host, "app", "start one");
  const first = await upstream.head();
  await gitopper.until("app", isAt(first));
  expect(await host.sh("stat -c '%U %a' /etc/app/conf /usr/share/tiny/version")).toBe("tiny 644\nroot 4755");

  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  const where = { host: new URL(served.url).host, path: "repo", secret, after: second };
  await gitopper.request("POST", "/webhook/forge", webhookOf("github", where));
  await untilEvent(host, "app", "reload two");
  await gitopper.until("app", isAt(second));
  expect(await reasons(gitopper)).toEqual({ ctl: null, series: [] });

  await upstream.commit({ "app/etc/conf": "refused\n" });
  await gitopper.pull("app");
  await gitopper.untilReason("app", "refused");
  expect(await reasons(gitopper)).toEqual({ ctl: "refused", series: ["refused"] });
  await upstream.commit({ "app/etc/conf": "unwell\n" });
  await gitopper.pull("app");
  await gitopper.untilReason("app", "rolled-back");
  expect(await reasons(gitopper)).toEqual({ ctl: "rolled-back", series: ["rolled-back"] });
  expect(await host.read("/etc/app/conf")).toBe("two\n");

  await host.sh("echo mine >/etc/app/conf");
  await untilRead(host, "/etc/app/conf", "two\n");
  await gitopper.ctl("state", "rollback", "@", "app", first);
  await gitopper.until("app", ({ state, hash }) => state === "FREEZE" && hash === first);
  expect(await reasons(gitopper)).toEqual({ ctl: "held-at-commit", series: ["held-at-commit"] });
  expect(await host.read("/etc/app/conf")).toBe("one\n");
  expect(await host.sh("systemctl show --value --property=TasksMax gitopper")).toBe("2048");
});

/** Why the service is in its state, for a script and for Prometheus. */
async function reasons(gitopper: Gitopper) {
  const { stdout } = await gitopper.tryCtl("status", "@", "app", "--json");
  const { text } = await gitopper.get("/metrics");
  const series = text.matchAll(/^gitopper_service_state_reason\{service="app",reason="([^"]+)"\} 1$/gm);
  return {
    ctl: serviceDetails.parse(JSON.parse(stdout)).reason,
    series: [...series].map(([, code]) => code),
  };
}

test("the packaged unit is exposed no more than 5.4", async () => {
  const options = ["--offline=true", "--threshold=54", "--no-pager"];
  const seen = await run(["systemd-analyze", "security", ...options, packagedUnitPath], {
    allowFailure: true,
  });
  expect(seen.stdout).toContain("exposure level");
  expect(seen.status).toBe(0);
});

const tourConfig = (url: string): string => `
[[webhooks]]
name = "forge"
kind = "github"
secret_file = "forge.secret"

[[services]]
machine = "alpha"
service = "app"
upstream = "${url}"
mount = "/srv/gitopper"
user = "tiny"
package = "tiny"
settle = "500ms"
action = "reload"
drift = "heal"
check = [["sh", "-c", "! grep -q refused /etc/app/conf"]]
dirs = [{ local = "/etc/app", link = "app/etc" }]
[[services.health]]
command = ["sh", "-c", "! grep -q unwell /etc/app/conf"]
deadline = "1s"
interval = "100ms"
`;

function untilRead(host: TestHost, path: string, text: string): Promise<string> {
  const failure = async (seen: string) => `${path} has ${seen}`;
  return poll(
    () => host.read(path),
    (seen) => seen === text,
    { everyMs: 100, timeoutMs: 30_000, failure },
  );
}
