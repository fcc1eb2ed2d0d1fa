import { expect, test } from "vitest";
import { configPath, gitopperctlBin } from "../host/gitopper-unit.ts";
import { bootHost, type TestHost } from "../host/host.ts";
import { installPackagedUnit } from "../host/packaged-unit.ts";
import { poll } from "../host/poll.ts";
import { freePort } from "../host/port.ts";
import { atTerminal } from "../host/pty.ts";
import { startClosedSshd } from "../host/sshd.ts";
import { addService } from "../host/unit.ts";
import { makeUpstream } from "../host/upstream.ts";

const entry = (dirs: string, more = ""): string => `
[[services]]
machine = "alpha"
settle = "0s"
${more}
dirs = [${dirs}]
`;
const app = entry('{ local = "/etc/app", link = "app/etc" }', 'service = "app"\naction = "reload"');

/** With the programs and the unit of the package, and nothing else. */
async function bootInstalled(binds: readonly string[] = []): Promise<TestHost> {
  const host = await bootHost({ name: "alpha", binds });
  await installPackagedUnit(host, { port: await freePort() });
  await host.run(["ln", "--symbolic", gitopperctlBin, "/usr/local/bin/gitopperctl"]);
  return host;
}

/** Adds a service to the config that init has written, and waits until its file is there. */
async function deploy(host: TestHost, service: string, file: string): Promise<void> {
  await host.write(configPath, (await host.read(configPath)) + service);
  await host.run(["systemctl", "reload", "gitopper"]);
  await poll(
    () => host.sh(`cat ${file} 2>/dev/null || true`),
    (text) => text.startsWith("one"),
    { everyMs: 20, timeoutMs: 30_000, failure: () => host.sh("journalctl -u gitopper -n 30 --no-pager") },
  );
}

test("over ssh, a person confirms the host key and adds the deploy key to the forge", async () => {
  await using upstream = await makeUpstream({ files: { "app/etc/conf": "one\n" } });
  await using host = await bootInstalled([upstream.dir]);
  const port = await startClosedSshd(host);
  await addService(host, "app", { readsFile: "/etc/app/conf" });

  await using person = atTerminal(host, "gitopper init");
  await person.until("Git repository");
  person.type("https://bob:secret@example.org/x\r");
  await person.until("leave it out");
  person.type(`\u0015ssh://git@127.0.0.1:${port}${upstream.path}\r`);
  await person.until("Branch:");
  person.type("\r");
  await person.until("Directory for checkouts:");
  person.type("\r");
  const fingerprint = (await host.sh("ssh-keygen -lf /etc/ssh/test_key.pub")).split(" ")[1] ?? "";
  await person.until(`ssh-ed25519 ${fingerprint}`);
  await person.until("(y/N)");
  expect(await host.exists("/root/.ssh/known_hosts")).toBe(false);
  person.type("y\r");
  await person.until("read only:");
  await person.until("Press Enter");
  person.type("\u0003");
  expect(await person.status()).toBe(130);

  // Again: everything that was done is found, and the key is shown once more.
  const key = await host.read("/root/.ssh/id_ed25519");
  await using again = atTerminal(host, "gitopper init");
  await again.until("kept /etc/gitopper/config.toml");
  await again.until("does not accept the key");
  await again.until("Press Enter");
  await host.sh("install -o git -m 600 /root/.ssh/id_ed25519.pub /home/git/.ssh/authorized_keys");
  again.type("\r");
  await again.until("reached ssh://git@127.0.0.1");
  await again.until("enabled and started gitopper.service");
  expect(await again.status()).toBe(0);
  expect(await host.read("/root/.ssh/id_ed25519")).toBe(key);
  expect(await host.sh("stat -c '%a %U' /root/.ssh/id_ed25519 /root/.ssh /etc/gitopper")).toBe(
    "600 root\n700 root\n755 root",
  );
  await deploy(host, app, "/etc/app/conf");
});

test("over ssh without a terminal, no host key is trusted that was not given", async () => {
  await using upstream = await makeUpstream({ files: { "app/etc/conf": "one\n" } });
  await using host = await bootInstalled([upstream.dir]);
  const port = await startClosedSshd(host);
  const init = (...flags: string[]) => host.run(["gitopper", "init", ...flags], { allowFailure: true });

  expect((await init()).stderr).toBe(
    "gitopper: Nothing can be asked here: give --upstream <url>, or --local for a repository on this host\n",
  );
  const unknown = await init("--upstream", `ssh://git@127.0.0.1:${port}${upstream.path}`);
  expect(unknown.stderr).toMatch(
    /is not known\. It shows ssh-ed25519 SHA256:\S+; .*give --host-key SHA256:\S+\n$/,
  );
  const other = await init("--host-key", `SHA256:${"x".repeat(43)}`);
  expect(other.stderr).toContain("not the key of --host-key: it is not trusted");
  expect(await host.exists("/root/.ssh/known_hosts")).toBe(false);

  const shown = /--host-key (SHA256:\S+)/.exec(unknown.stderr)?.[1] ?? "";
  const waiting = await init("--host-key", shown);
  expect([waiting.status, waiting.stderr]).toEqual([
    1,
    "gitopper: 127.0.0.1 does not accept the key yet: add it, and run gitopper init again\n",
  ]);
  expect(waiting.stdout).toContain(await host.sh("cat /root/.ssh/id_ed25519.pub"));
  await host.sh("install -o git -m 600 /root/.ssh/id_ed25519.pub /home/git/.ssh/authorized_keys");
  expect((await init()).status).toBe(0);

  // A server with another key is no longer the one that was confirmed.
  await host.sh(`systemctl stop test-sshd
    ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/other_key
    sed -i s/test_key/other_key/ /etc/ssh/test_config
    systemd-run --quiet --unit=other-sshd --service-type=notify /usr/sbin/sshd -D -f /etc/ssh/test_config`);
  const changed = await init("--host-key", shown);
  expect([changed.status, changed.stderr]).toEqual([
    1,
    expect.stringMatching(/shows another host key than the one in known_hosts/),
  ]);
});

test("over http, a token is kept for root only, and shown nowhere", async () => {
  const secret = "s3cret-Token";
  await using upstream = await makeUpstream({
    files: { "app/etc/conf": "one\n" },
    credentials: `bot:${secret}`,
  });
  const url = (await upstream.serve()).url.replace(/\/\/.*@/, "//");
  await using host = await bootInstalled();
  await addService(host, "app", { readsFile: "/etc/app/conf" });
  await host.write("/root/wrong", "wrong\n", "0600");
  await host.write("/root/token", `${secret}\n`, "0600");
  const init = (flags: string) =>
    host.run(["/bin/sh", "-c", `gitopper init ${flags}`], { allowFailure: true });

  expect((await init(`--upstream ${url}`)).stderr).toMatch(/wants a login: give --token-file/);
  expect((await init("--token-user bot --token-file /root/wrong")).stderr).toMatch(
    /does not accept this token for user bot/,
  );
  expect(await host.exists("/root/.netrc")).toBe(false);

  // The login of an earlier token is replaced, once the new one works.
  await host.write("/root/.netrc", "machine 127.0.0.1 login bot password expired\n", "0600");
  const traced = "strace -f -qq -s 4096 -e trace=execve -o /root/trace gitopper init";
  const { status, stdout, stderr } = await host.run([
    ...["/bin/sh", "-c", `${traced} --token-user bot --token-file /root/token`],
  ]);
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("added the login for 127.0.0.1 to /root/.netrc");
  expect(await host.sh("cat /root/.netrc; stat -c '%a %U' /root/.netrc")).toBe(
    `machine 127.0.0.1 login bot password ${secret}\n600 root`,
  );
  await deploy(host, app, "/etc/app/conf");
  const found = await host.sh(
    `journalctl -o cat >/root/journal; cd /root
    grep -rl ${secret} .netrc token journal trace /etc/gitopper /etc/default /tmp /var/lib/gitopper || true`,
  );
  expect(found.split("\n").sort()).toEqual([".netrc", "token"]);
  expect(stdout).not.toContain(secret);
  expect(await host.sh("ls -d /tmp/gitopper-* 2>/dev/null || true")).toBe("");
});

test("without a git server, a push to the host itself deploys and shows what comes of it", async () => {
  await using host = await bootInstalled();
  const { stdout } = await host.run(["gitopper", "init", "--local", "--yes"]);
  expect(stdout).toContain("git clone ssh://root@alpha/srv/git/config.git");
  expect(await host.sh("stat -c '%a %U' /srv/git/config.git")).toBe("700 root");
  expect(await host.sh("systemctl is-enabled gitopper")).toBe("enabled");

  await host.write(
    configPath,
    (await host.read(configPath)) +
      entry(
        '{ local = "/etc/nginx", link = "nginx" }',
        'service = "nginx"\naction = "reload"\ncheck = ["nginx", "-t"]',
      ),
  );
  await host.run(["systemctl", "reload", "gitopper"]);
  const push = (message: string) =>
    host.sh(
      `cd /root/config; git add -A; git -c user.name=a -c user.email=a@b commit -qm ${message}; git push 2>&1 origin HEAD:main`,
      { timeoutMs: 60_000 },
    );
  await host.sh(
    "git clone -q /srv/git/config.git /root/config 2>/dev/null; cp -rL /etc/nginx /root/config/nginx",
  );
  expect(await push("first")).toMatch(/remote: nginx is OK at [0-9a-f]{8} "first"/);
  expect(await host.sh("systemctl is-active nginx; findmnt -no TARGET /etc/nginx")).toBe(
    "active\n/etc/nginx",
  );

  await host.sh("echo broken >>/root/config/nginx/nginx.conf");
  expect(await push("second")).toMatch(/remote: nginx is DIFF at .* REFUSED/);

  // Init finds what it has made, and what an admin has added to it.
  const again = await host.run(["gitopper", "init", "--local", "--yes"]);
  expect(again.stdout).toMatch(/^kept \/etc\/gitopper\/config.toml, which is not as init wrote it\n/);
  const conflict = await host.run(["gitopper", "init", "--upstream", "/elsewhere"], { allowFailure: true });
  expect([conflict.status, conflict.stderr]).toEqual([1, expect.stringMatching(/does not overwrite it\n$/)]);
});
