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

  expect(stdout.replaceAll(/\d{8}T\d{9}Z/g, "<time>").split("\n")).toEqual([
    "nginx: released /etc/motd.d/site: plain files now",
    "nginx: what the mount at /etc/motd.d/site had hidden is in /var/backups/gitopper/nginx/<time>/etc/motd.d/site",
    expect.stringContaining("/etc/nginx/nginx.conf"),
    expect.stringContaining("/var/backups/gitopper/nginx/<time>/etc/nginx/nginx.conf"),
    expect.stringContaining("/etc/nginx/sites-enabled"),
    expect.stringContaining("/var/backups/gitopper/nginx/<time>/etc/nginx/sites-enabled"),
    "nginx: released /srv/www: plain files now",
    "nginx: what the mount at /srv/www had hidden is in /var/backups/gitopper/nginx/<time>/srv/www",
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
