import { expect, test } from "vitest";
import { aConfig, aService, mount } from "../builders/config.ts";
import { type Gitopper, startGitopper } from "../host/gitopper.ts";
import { gitopperBin } from "../host/gitopper-unit.ts";
import { bootHost, type TestHost } from "../host/host.ts";
import { poll } from "../host/poll.ts";
import { freePort } from "../host/port.ts";
import { makeUpstream, type Upstream } from "../host/upstream.ts";

const main = `user www-data;
worker_processes 1;
pid /run/nginx.pid;
events { worker_connections 64; }
http { include /etc/nginx/sites-enabled/*; }
`;

/** The page is read from a mounted directory at each request, and so is the single file. */
const site = (port: number) => `server {
  listen 127.0.0.1:${port};
  root /srv/www;
  location = /motd { alias /etc/motd.d/site; }
}
`;

const paths = ["/etc/nginx/nginx.conf", "/etc/nginx/sites-enabled", "/srv/www", "/etc/motd.d/site"];

interface Site extends AsyncDisposable {
  readonly host: TestHost;
  readonly gitopper: Gitopper;
  readonly upstream: Upstream;
  readonly url: string;
  /** Kinds, modes, owners, times, targets and contents of all files at the links. */
  readonly files: () => Promise<string>;
}

async function bootSite(): Promise<Site> {
  await using stack = new AsyncDisposableStack();
  const port = await freePort();
  const upstream = stack.use(
    await makeUpstream({
      files: {
        "nginx/nginx.conf": main,
        "nginx/sites/app": site(port),
        "nginx/www/index.html": "page\n",
        "nginx/motd": "motd\n",
      },
    }),
  );
  const host = stack.use(await bootHost({ name: "alpha" }));
  await host.write("/etc/motd.d/site", "the host's own\n");
  await host.write("/srv/www/index.html", "the host's own\n");
  await host.run(["systemctl", "enable", "--quiet", "nginx"]);
  const gitopper = await startGitopper(host, {
    config: aConfig((await upstream.serve()).url, [
      aService({
        service: "nginx",
        dirs: [
          { local: "/etc/nginx/nginx.conf", link: "nginx/nginx.conf", file: true },
          { local: "/etc/nginx/sites-enabled", link: "nginx/sites" },
          { local: "/srv/www", link: "nginx/www" },
          { local: "/etc/motd.d/site", link: "nginx/motd", file: true },
        ],
      }),
    ]),
  });
  await gitopper.until("nginx", ({ state }) => state === "OK");
  const script = `find ${paths.join(" ")} -printf '%p %y %m %U:%G %T@ %l\\n' | sort
find ${paths.join(" ")} -type f -exec sha256sum {} + | sort`;
  const kept = stack.move();
  return {
    ...{ host, gitopper, upstream, url: `http://127.0.0.1:${port}` },
    files: () => host.sh(script),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function answers(url: string): Promise<string> {
  const ask = async (path: string) => {
    const response = await fetch(url + path, {
      headers: { connection: "close" },
      signal: AbortSignal.timeout(5_000),
    });
    return `${response.status} ${await response.text()}`;
  };
  return `${await ask("/")}${await ask("/motd")}`;
}

/** Sends requests without a pause until it is stopped. */
async function askUntil(url: string, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const all = new Set<string>();
  while (!signal.aborted) all.add(await answers(url).catch((error: Error) => `refused: ${error.message}`));
  return all;
}

const state = "/var/lib/gitopper/state.db";
const served = "200 page\n200 motd\n";
const mountsOfOurs = "grep -c /nginx/nginx/ /proc/self/mountinfo || true";
const unit =
  "systemctl show --property=MainPID,NRestarts,ActiveEnterTimestampMonotonic,StateChangeTimestampMonotonic nginx";

test("what was mounted is plain files after gitopper --release, and nginx notices nothing", async () => {
  await using scene = await bootSite();
  const { host, gitopper, url, files } = scene;
  await poll(
    () => answers(url).catch(() => ""),
    (text) => text === served,
    {
      ...{ everyMs: 20, timeoutMs: 30_000 },
      failure: () => gitopper.journal(),
    },
  );
  const refused = await host.run([gitopperBin, "--release"], { allowFailure: true });
  expect(refused.status).toBe(1);
  expect(refused.stderr).toMatch(
    /^gitopper: Cannot open the state file \S+: another gitopper uses it; stop that one/,
  );
  await gitopper.stop();
  const before = { files: await files(), unit: await host.sh(unit) };
  const enough = new AbortController();
  const asking = askUntil(url, enough.signal);

  const { stdout } = await host.run([gitopperBin, "--release"]);
  enough.abort();

  const places = "/etc/motd.d/site, /etc/nginx/nginx.conf, /etc/nginx/sites-enabled, /srv/www";
  expect(stdout.replaceAll(/\d{8}T\d{9}Z/g, "<time>").split("\n")).toEqual([
    `nginx: plain files now: ${places}`,
    `nginx: hidden before, and kept in /var/backups/gitopper/nginx/<time>: ${places}`,
    "",
  ]);
  expect(await asking).toEqual(new Set([served]));
  expect({ files: await files(), unit: await host.sh(unit) }).toEqual(before);
  expect(await host.sh(mountsOfOurs)).toBe("0");
  expect(
    await host.sh("cat /var/backups/gitopper/nginx/*/srv/www/index.html; stat -c %a /var/backups/gitopper"),
  ).toBe("the host's own\n700");
  expect(await host.sh(`ls -A /var/lib/gitopper/stores ${mount}`)).toBe(
    `/srv/gitopper:\n\n/var/lib/gitopper/stores:`,
  );

  expect((await host.run([gitopperBin, "--release"])).stdout).toBe("gitopper: no service to release\n");
  await host.run(["systemctl", "disable", "--quiet", "gitopper"]);
  await host.reboot();
  expect(await answers(url)).toBe(served);
  expect(await files()).toBe(before.files);
});

test("gitopper --release needs a state file that it can read, or else the stores", async () => {
  await using upstream = await makeUpstream({ files: { "app/etc/conf": "one\n" } });
  await using host = await bootHost({ name: "alpha" });
  const release = (...more: string[]) =>
    host.run([gitopperBin, `--release${more.join("")}`], { allowFailure: true });
  expect(await release()).toEqual({ status: 0, stdout: "gitopper: no service to release\n", stderr: "" });
  await host.write("/etc/app/conf", "the host's own\n");
  const service = aService({
    service: "app",
    action: "",
    dirs: [{ local: "/etc/app", link: "app/etc" }],
  });
  const gitopper = await startGitopper(host, { config: aConfig((await upstream.serve()).url, [service]) });
  await gitopper.until("app", ({ state }) => state === "OK");
  await gitopper.stop();

  expect((await release("=unmount")).stdout).toBe("app: unmounted: /etc/app\n");
  expect(await host.read("/etc/app/conf")).toBe("the host's own\n");
  await gitopper.start();
  expect(await host.read("/etc/app/conf")).toBe("one\n");
  await gitopper.stop();

  const script = `new (require("node:sqlite").DatabaseSync)("${state}").exec("PRAGMA user_version = 99")`;
  await host.run([process.execPath, "-e", script]);
  const newer = await release();
  expect(newer.status).toBe(1);
  expect(newer.stderr).toMatch(
    /^gitopper: Cannot open the state file \S+: A newer gitopper wrote it \(version 99, this one knows \d+\): update gitopper/,
  );
  expect(await host.read("/etc/app/conf")).toBe("one\n");

  await host.sh(
    `dd if=/dev/urandom of=${state} bs=4096 count=3 conv=notrunc status=none; rm -f ${state}-wal`,
  );
  const lost = await release();
  expect(lost.stdout).toMatch(/^app: plain files now: \/etc\/app\napp: hidden before, and kept in /);
  expect({ status: lost.status, stderr: lost.stderr }).toEqual({
    status: 0,
    stderr: expect.stringContaining("is damaged"),
  });
  expect(await host.sh("cat /etc/app/conf; grep -c ' /etc/app ' /proc/self/mountinfo || true")).toBe(
    "one\n0",
  );
  expect(await host.sh(`ls -A /var/lib/gitopper/stores ${mount}`)).toBe(
    "/srv/gitopper:\n\n/var/lib/gitopper/stores:",
  );
});

test("gitopperctl release leaves the service alone until it is unfrozen, and leaving the config touches no file", async () => {
  await using scene = await bootSite();
  const { host, gitopper, upstream, url, files } = scene;
  await poll(
    () => answers(url).catch(() => ""),
    (text) => text === served,
    { everyMs: 20, timeoutMs: 30_000, failure: () => gitopper.journal() },
  );
  await host.write(`${mount}/nginx/nginx/www/typed.html`, "typed by a person\n");
  await host.write(`${mount}/nginx/notes`, "not at a link\n");
  const before = { files: await files(), unit: await host.sh(unit) };
  const enough = new AbortController();
  const asking = askUntil(url, enough.signal);

  const said = await gitopper.ctl("release", "nginx", "--reason", "moving");
  enough.abort();

  expect(await asking).toEqual(new Set([served]));
  expect({ files: await files(), unit: await host.sh(unit) }).toEqual(before);
  expect(await host.read("/srv/www/typed.html")).toBe("typed by a person\n");
  expect(said).toContain(`its checkout ${mount}/nginx stays: it has files that are nowhere else: notes\n`);
  const row = await gitopper.until("nginx", ({ state }) => state === "FREEZE");
  expect(row.stateinfo).toMatch(
    /^released by root: moving; its files are plain files since .*; take it out of the config, or unfreeze/,
  );
  expect((await gitopper.details("nginx")).reason).toBe("released");
  expect((await gitopper.tryCtl("doctor", "@")).status).toBe(0);
  for (const words of [["pull"], ["freeze"], ["rollback", "HEAD"]])
    expect((await gitopper.tryCtl(words[0] ?? "", "nginx", ...words.slice(1))).stderr).toMatch(
      /it is released/,
    );

  // Neither a push, nor a reload, nor a power cut brings the mounts back.
  await upstream.commit({ "nginx/motd": "pushed\n" });
  await host.run(["systemctl", "kill", "--kill-who=main", "--signal=USR2", "gitopper"]);
  await gitopper.until("nginx", ({ state }) => state === "FREEZE");
  await host.reboot("power-cut");
  await gitopper.until("nginx", ({ state }) => state === "FREEZE");
  expect(await host.sh(mountsOfOurs)).toBe("0");
  expect(await files()).toBe(before.files);

  // Managed again, as with a first deployment, and released once more.
  await host.sh(`rm ${mount}/nginx/notes`);
  await gitopper.ctl("unfreeze", "nginx", "--yes", "--wait");
  expect(await answers(url)).toBe("200 page\n200 pushed\n");
  await gitopper.ctl("release", "--all");
  expect(await host.sh(`ls -A /var/lib/gitopper/stores ${mount}`)).toBe(
    "/srv/gitopper:\n\n/var/lib/gitopper/stores:",
  );
  expect((await gitopper.tryCtl("unfreeze", "nginx")).stderr).toMatch(
    /will bring 2 commits to nginx; say --yes/,
  );
  expect(await gitopper.ctl("diff", "nginx")).toContain("+pushed");

  const last = await files();
  await gitopper.writeConfig(aConfig((await upstream.serve()).url, []));
  await host.sh(
    `sed -i 's/-t 1h/-t 1h --allow-removal/' /etc/systemd/system/gitopper.service; systemctl daemon-reload`,
  );
  await gitopper.restart();
  await poll(
    () => host.sh("journalctl -b -o cat -u gitopper | grep 'released before' || true"),
    (line) => line !== "",
    { everyMs: 50, timeoutMs: 20_000, failure: () => gitopper.journal() },
  );
  expect(await files()).toBe(last);
  expect(await answers(url)).toBe("200 page\n200 pushed\n");
});

/** Hangs at the copy of hidden files, whose path ends so, for as long as /run/slow is there. */
const slowCopy = `#!/bin/sh
case "$*" in */app) if [ -e /run/slow ]; then touch /run/copying; sleep 60; fi ;; esac
exec /usr/bin/cp "$@"
`;

test("a daemon that is killed while it releases mounts everything again, and the next release completes it", async () => {
  await using upstream = await makeUpstream({ files: { "app/etc/conf": "one\n" } });
  await using host = await bootHost({ name: "alpha" });
  await host.write("/etc/app/own", "the host's own\n");
  await host.write("/usr/local/sbin/cp", slowCopy, "0755");
  const config = aConfig((await upstream.serve()).url, [aService({ action: "" })]);
  const gitopper = await startGitopper(host, { config });
  await gitopper.until("app", ({ state }) => state === "OK");

  await host.sh("touch /run/slow");
  const killed = gitopper.tryCtl("release", "app");
  await poll(
    () => host.exists("/run/copying"),
    (is) => is,
    { everyMs: 20, timeoutMs: 20_000, failure: () => gitopper.journal() },
  );
  await gitopper.kill9();
  expect((await killed).status).toBe(1);
  await gitopper.until("app", ({ state }) => state === "OK");
  expect(await host.sh("ls -A /etc/app; cat /etc/app/conf; grep -c ' /etc/app ' /proc/self/mountinfo")).toBe(
    "conf\none\n1",
  );

  await host.sh("rm /run/slow");
  expect(await gitopper.ctl("release", "app")).toMatch(
    /^app is released; plain files now: \/etc\/app; hidden before, and kept in \S+: \/etc\/app\n$/,
  );
  expect(
    await host.sh("ls -A /etc/app; cat /etc/app/conf; cat /var/backups/gitopper/app/*/etc/app/own"),
  ).toBe("conf\none\nthe host's own");
});
