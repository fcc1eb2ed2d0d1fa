import { dirname } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { aConfig, aService } from "../builders/config.ts";
import { configPath } from "../host/gitopper-unit.ts";
import { bootHost } from "../host/host.ts";
import { builtPackages } from "../host/packages.ts";
import { poll } from "../host/poll.ts";
import { freePort } from "../host/port.ts";
import { addService } from "../host/unit.ts";
import { makeUpstream } from "../host/upstream.ts";

test("the tarball installs, restarts what runs when it installs again, and uninstalls with the files in place", async () => {
  const tarball = (await builtPackages()).file("-linux-amd64.tar.xz");
  await using upstream = await makeUpstream({ files: { "app/etc/conf": "one\n" } });
  const host = await bootHost({ name: "alpha", binds: [dirname(tarball)] });
  onTestFinished(() => host.stop());
  await addService(host, "app");
  const install = "cd /root/gitopper-* && ./install.sh";
  await host.sh(`cd /root && tar --extract --file ${tarball}`);
  expect(await host.sh(install)).toMatch(/is installed in \/usr\/local/);
  expect(await host.sh("systemctl is-enabled gitopper || true; systemctl is-active gitopper || true")).toBe(
    "disabled\ninactive",
  );

  const dirs = [{ local: "/etc/app", link: "app/etc" }];
  const { url } = await upstream.serve();
  await host.write(configPath, aConfig(url, [aService({ service: "app", dirs })]));
  await host.write("/etc/default/gitopper", `GITOPPER_OPTIONS=-t 1h -a 127.0.0.1:${await freePort()}\n`);
  await host.run(["systemctl", "enable", "--now", "--quiet", "gitopper"]);
  const conf = () => host.sh("cat /etc/app/conf 2>/dev/null || true");
  const failure = () => host.sh("journalctl -u gitopper -n 30 --no-pager");
  await poll(conf, (text) => text === "one", { everyMs: 50, timeoutMs: 60_000, failure });

  const pid = await host.sh("systemctl show --value --property=MainPID gitopper");
  await host.sh(install);
  expect(await host.sh("systemctl show --value --property=MainPID gitopper")).not.toBe(pid);
  expect(await host.sh("systemctl is-active gitopper")).toBe("active");

  expect(await host.sh("/usr/local/lib/gitopper/install.sh --uninstall")).toMatch(/gitopper is removed/);
  expect(await conf()).toBe("one");
  expect(await host.sh("grep -c ' /etc/app ' /proc/self/mountinfo || true")).toBe("0");
  const left =
    "find /usr /etc/systemd /run -name '*gitopper*' -not -path '*/gitopper-test-*' 2>/dev/null || true";
  expect(await host.sh(left)).toBe("");
});
