import { expect, onTestFinished, test } from "vitest";
import { configPath, gitopperctlBin } from "../host/gitopper-unit.ts";
import { bootHost, type TestHost } from "../host/host.ts";
import { installPackagedUnit } from "../host/packaged-unit.ts";
import { poll } from "../host/poll.ts";
import { freePort } from "../host/port.ts";
import { makeUpstream, type Upstream } from "../host/upstream.ts";

const services = ["nginx", "haproxy", "named"] as const;
const directories: Readonly<Record<string, string>> = {
  nginx: "/etc/nginx",
  haproxy: "/etc/haproxy",
  named: "/etc/bind",
};

/** A host that runs the three services of Debian's packages, and a repository that knows none of them. */
async function bootHostWithServices(): Promise<{ host: TestHost; upstream: Upstream }> {
  const upstream = await makeUpstream({ files: { README: "the config of our hosts\n" } });
  onTestFinished(() => upstream.dispose());
  const host = await bootHost({ name: "web1", binds: [upstream.dir] });
  onTestFinished(() => host.stop());
  const port = await freePort();
  await installPackagedUnit(host, { port: await freePort() });
  await host.run(["ln", "--symbolic", gitopperctlBin, "/usr/local/bin/gitopperctl"]);
  await host.write(
    "/etc/nginx/sites-enabled/default",
    `server { listen 127.0.0.1:${port}; location / { return 200 "hello"; } }\n`,
  );
  await host.write("/etc/nginx/tls.key", "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n");
  await host.write(
    "/etc/bind/named.conf.options",
    `options { directory "/var/cache/bind"; listen-on port ${await freePort()} { 127.0.0.1; }; listen-on-v6 { none; }; };\n`,
  );
  await host.run(["systemctl", "start", ...services]);
  await host.write(
    configPath,
    `[global]\nupstream = "${upstream.path}"\nmount = "/srv/gitopper"\nsettle = "0s"\n`,
  );
  return { host, upstream };
}

/** Kinds, modes, owners, targets and contents of all that is below; empty directories get a `.gitkeep`, which adopt says. */
function filesBelow(host: TestHost, directory: string): Promise<string> {
  return host.sh(`find ${directory} -not -name .gitkeep -printf '%p %y %m %U:%G %l\\n' | sort
find ${directory} -type f -not -name .gitkeep -exec sha256sum {} + | sort`);
}

/** When the unit was started and last changed. */
function lifeOf(host: TestHost, unit: string): Promise<string> {
  const properties = "MainPID,InvocationID,StateChangeTimestampMonotonic,NRestarts";
  return host.sh(`systemctl show --property=${properties} ${unit}`);
}

test("nginx, haproxy and named are adopted, and their first deployment changes no byte", async () => {
  const { host, upstream } = await bootHostWithServices();
  const before = new Map<string, string>();
  for (const service of services) {
    const directory = directories[service] ?? "";
    const life = await lifeOf(host, service);
    before.set(service, await filesBelow(host, directory));
    const command = [
      "gitopperctl",
      "adopt",
      service,
      directory,
      "--into",
      `${service}/web1`,
      "--write",
      "--push",
    ];
    const clone = service === "nginx" ? [] : ["--clone", "/root/repo"];
    const { stdout } = await host.run(["sh", "-c", 'cd /root && exec "$@"', "sh", ...command, ...clone]);
    expect(stdout).toContain("plan: nothing would change\n");
    expect(stdout).toContain(`service = "${service}"`);
    expect([await filesBelow(host, directory), await lifeOf(host, service)]).toEqual([
      before.get(service),
      life,
    ]);
    await upstream.merge(`adopt-${service}`);
    await host.run(["git", "-C", "/root/repo", "pull", "--quiet", "origin", "main"]).catch(() => {});
  }
  const adopted = (await upstream.git("ls-tree", "-r", "--name-only", "main")).stdout;
  expect(adopted).toContain("nginx/web1/nginx.conf");
  expect(adopted).not.toMatch(/tls\.key|rndc\.key/);

  await host.run(["systemctl", "start", "gitopper"]);
  await poll(
    () => host.sh("gitopperctl list services --json"),
    (text) => (text.match(/"state": ?"OK"/g)?.length ?? 0) === services.length,
    {
      everyMs: 100,
      timeoutMs: 60_000,
      failure: () => host.sh("gitopperctl status; journalctl -u gitopper -n 40 --no-pager"),
    },
  );
  for (const service of services) {
    expect(await filesBelow(host, directories[service] ?? "")).toBe(before.get(service));
    expect(await host.sh(`systemctl is-active ${service}`)).toBe("active");
  }
  expect(await host.sh("grep -c ' /etc/\\(nginx\\|haproxy\\|bind\\)' /proc/self/mountinfo")).not.toBe("0");

  await host.sh("echo '# by hand' >>/etc/nginx/mime.types");
  const edit = await host.read("/etc/nginx/mime.types");
  const drift = "gitopperctl adopt --drift nginx --clone /root/repo --push";
  expect(await host.sh(drift)).toContain("nginx/web1/mime.types");
  await upstream.merge("adopt-nginx-drift");
  const { stdout } = await host.run(["gitopperctl", "pull", "nginx", "--wait"]);
  expect(stdout).toMatch(/^nginx is OK at /);
  expect(await host.read("/etc/nginx/mime.types")).toBe(edit);
  expect(await host.sh("gitopperctl drift nginx")).not.toContain("mime.types");
});

test("where the host may not push, a patch has the same files for a clone elsewhere", async () => {
  const { host, upstream } = await bootHostWithServices();
  const before = await filesBelow(host, "/etc/nginx");
  const { stdout } = await host.run(["gitopperctl", "adopt", "nginx", "--patch", "/root/nginx.patch"]);
  expect(stdout).toContain("plan: nothing would change\n");
  expect(stdout).toContain("tls.key: it has a private key");
  expect((await upstream.git("branch", "--list")).stdout.trim()).toBe("* main");
  await host.sh(`git clone --quiet ${upstream.path} /root/elsewhere
    cd /root/elsewhere && git -c user.name=x -c user.email=x@example.org am --quiet /root/nginx.patch`);
  const differs = "diff --recursive --no-dereference /etc/nginx /root/elsewhere/nginx/web1 || true";
  const lines = (await host.sh(differs)).split("\n").filter((line) => !line.includes(".gitkeep"));
  expect(lines).toEqual(["Only in /etc/nginx: tls.key"]);
  expect(await filesBelow(host, "/etc/nginx")).toBe(before);
});
