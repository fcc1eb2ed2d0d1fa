import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deploymentsReply } from "../../src/api/shapes.ts";
import { aConfig, aService, machine } from "../builders/config.ts";
import { type BareRoot, makeBareRoot } from "../host/bare-root.ts";
import { Gitopper } from "../host/gitopper.ts";
import { configPath } from "../host/gitopper-unit.ts";
import { bootHost, repositoryRoot, type TestHost } from "../host/host.ts";
import { addRepository, apt, makePackages, publish } from "../host/package-repository.ts";
import { poll } from "../host/poll.ts";
import { freePort } from "../host/port.ts";
import { run } from "../host/run.ts";
import { makeTempDir } from "../host/temp-dir.ts";
import { makeUpstream, type Upstream } from "../host/upstream.ts";
import { serveFiles } from "../integration/a-file-server.ts";

const [older, newer] = ["0.9.0", "0.9.1"];
const healthy = "/run/healthy";
const work = makeTempDir("packages");
let url = "";
let root: BareRoot;

beforeAll(async () => {
  url = `${await serveFiles(work)}/repository`;
  // Before the others, which use apt too.
  const tools = ["scripts/install-test-tools", "mmdebstrap", "reprepro", "gnupg"];
  await run(tools, { cwd: repositoryRoot, timeoutMs: 120_000 });
  [root] = await Promise.all([
    makeBareRoot(["git", "ca-certificates", "curl", "libatomic1", "nginx-light"]),
    makePackages(work, older).then(() => makePackages(work, newer)),
  ]);
});
afterAll(() => {
  root[Symbol.dispose]();
  rmSync(work, { recursive: true });
});

const boot = () =>
  bootHost({
    name: machine,
    root: root.path,
    // Its port is this machine's too.
    prepare: (disk) => {
      mkdirSync(join(disk, "etc/nginx/sites-enabled"), { recursive: true });
      writeFileSync(join(disk, "etc/nginx/sites-enabled/default"), "");
    },
  });

test("apt refuses a repository without the right signature, and follows the next key", async () => {
  await using host = await boot();
  await publish(work, url, { stable: older });
  await addRepository(host, url);
  const refusal = async () => {
    const { status, stderr } = await apt(host, "update");
    expect((await apt(host, "install", "gitopper")).stderr).toContain("Unable to locate package gitopper");
    return `${status} ${stderr}`;
  };

  await publish(work, url, { stable: older, keys: "theirs" });
  expect(await refusal()).toMatch(/^100 .*NO_PUBKEY/s);
  await publish(work, url, { stable: older });
  for (const suite of ["stable", "previous"])
    for (const file of ["InRelease", "Release.gpg"]) rmSync(join(work, "repository/dists", suite, file));
  expect(await refusal()).toMatch(/^100 .*is not signed/s);

  // The host's keyring has had this key from the beginning.
  await publish(work, url, { stable: older, signer: "next" });
  expect(await apt(host, "update")).toMatchObject({ status: 0 });
  expect((await host.run(["apt-cache", "policy", "gitopper"])).stdout).toContain(`Candidate: ${older}`);
});

test("the package does not start by itself, upgrades during a deployment, goes back, and leaves what services need", async () => {
  await publish(work, url, { stable: older });
  const [port, site] = [await freePort(), await freePort()];
  await using upstream = await makeUpstream({ files: filesOf(site, "one") });
  const served = await upstream.serve();
  await using host = await boot();
  await addRepository(host, url);
  await succeeds(apt(host, "update"));
  await succeeds(apt(host, "install", "gitopper"));
  expect(await unitOf(host)).toBe("disabled inactive");
  expect(await host.sh("gitopper --version")).toBe(older);

  const gitopper = new Gitopper(host, port);
  await host.write(configPath, aConfig(served.url, [nginx]));
  await host.write(healthy, "");
  await host.sh(`echo "GITOPPER_OPTIONS=-t 1h -a 127.0.0.1:${port}" >>/etc/default/gitopper`);
  await host.run(["systemctl", "enable", "--now", "gitopper"], { timeoutMs: 60_000 });
  const first = await upstream.head();
  await gitopper.until("nginx", ({ state, hash }) => state === "OK" && hash === first);
  expect(await pageOf(site)).toBe("one\n");

  const second = await upgradeDuringDeployment({ host, gitopper, upstream, site });
  await goBackAndForth(host, gitopper);
  await gitopper.until("nginx", ({ state, hash }) => state === "OK" && hash === second);

  const [before, pid] = [await servedFiles(host), await nginxPid(host)];
  const asking = new AbortController();
  const answers = askUntil(site, asking.signal);
  await succeeds(apt(host, "remove", "gitopper"));
  asking.abort();
  expect(await answers).toEqual(new Set(["two\n"]));
  expect([await servedFiles(host), await nginxPid(host)]).toEqual([before, pid]);
  expect(
    await host.sh("findmnt --noheadings --raw --output TARGET,SOURCE | grep -E '/srv|nginx' || true"),
  ).toBe("");

  await succeeds(apt(host, "purge", "gitopper"));
  await host.reboot();
  expect(await servedFiles(host)).toBe(before);
  expect(await pageOf(site)).toBe("two\n");
  // The config belongs to the administrator, and what apt has fetched to apt.
  const apts = ["/etc/apt", "/var/lib/apt", "/var/cache/apt"]
    .map((path) => `-path ${path} -prune -o`)
    .join(" ");
  expect(await host.sh(`find /etc /usr /var /run ${apts} -iname '*gitopper*' -print`)).toBe("/etc/gitopper");
  expect(await host.sh("find /etc/gitopper /srv/gitopper")).toBe(
    "/etc/gitopper\n/etc/gitopper/config.toml\n/srv/gitopper",
  );
});

const nginx = aService({
  service: "nginx",
  user: "www-data",
  settle: "1s",
  // A deployment waits while it is missing.
  health: [{ command: ["test", "-e", healthy], deadline: "10m" }],
  check: ["nginx", "-t"],
  check_user: "root",
  dirs: [
    { local: "/srv/www", link: "web/page" },
    { local: "/etc/nginx/conf.d", link: "nginx/conf.d" },
  ],
});

function filesOf(site: number, text: string): Record<string, string> {
  return {
    "web/page/index.html": `${text}\n`,
    "nginx/conf.d/site.conf": `server { listen 127.0.0.1:${site}; root /srv/www; }\n`,
  };
}

interface Running {
  readonly host: TestHost;
  readonly gitopper: Gitopper;
  readonly upstream: Upstream;
  readonly site: number;
}

async function upgradeDuringDeployment({ host, gitopper, upstream, site }: Running): Promise<string> {
  const second = await upstream.commit(filesOf(site, "two"));
  await publish(work, url, { stable: newer, previous: older });
  await succeeds(apt(host, "update"));
  await host.sh(`rm ${healthy}`);
  await gitopper.pull("nginx");
  await poll(
    async () => (await gitopper.details("nginx")).deploying?.step,
    (step) => step === "health",
    { everyMs: 50, timeoutMs: 20_000, failure: (step) => `The deployment is at ${step}` },
  );
  await succeeds(apt(host, "install", "gitopper"));
  expect(await host.sh("gitopper --version")).toBe(newer);
  expect(await unitOf(host)).toBe("enabled active");
  await host.write(healthy, "");
  await gitopper.until("nginx", ({ state, hash }) => state === "OK" && hash === second);
  expect(await pageOf(site)).toBe("two\n");
  const { deployments } = deploymentsReply.parse(
    (await gitopper.get("/api/v1/services/nginx/deployments")).json,
  );
  const results = deployments.filter(({ to }) => to === second).map(({ result }) => result);
  expect(results).toContain("interrupted");
  expect(results).not.toContain("failed");
  return second;
}

/** One version back and forward, while the daemon is stopped and disabled; a state file of the future is refused. */
async function goBackAndForth(host: TestHost, gitopper: Gitopper): Promise<void> {
  await host.run(["systemctl", "disable", "--now", "gitopper"]);
  await succeeds(apt(host, "install", "--allow-downgrades", `gitopper=${older}`));
  expect(await unitOf(host)).toBe("disabled inactive");
  const known = setStateVersion(host, (version) => version + 1);
  await host.run(["systemctl", "start", "--no-block", "gitopper"]);
  await expect
    .poll(() => gitopper.journal(20), { timeout: 20_000 })
    .toContain(`A newer gitopper wrote it (version ${known + 1}, this one knows ${known}): update gitopper`);
  await host.run(["systemctl", "stop", "gitopper"]);
  setStateVersion(host, () => known);
  await gitopper.start();
  await gitopper.until("nginx", ({ state }) => state === "OK");

  await gitopper.stop();
  await succeeds(apt(host, "install", "gitopper"));
  expect(await unitOf(host)).toBe("disabled inactive");
  await host.run(["systemctl", "enable", "--now", "gitopper"], { timeoutMs: 60_000 });
}

/** Returns the version that the state file had. */
function setStateVersion(host: TestHost, change: (version: number) => number): number {
  const file = `${host.root}/var/lib/gitopper/state.db`;
  const copy = join(work, "state.db");
  copyFileSync(file, copy);
  const db = new DatabaseSync(copy);
  const version = Number(db.prepare("PRAGMA user_version").get()?.user_version);
  db.exec(`PRAGMA journal_mode = DELETE; PRAGMA user_version = ${change(version)}`);
  db.close();
  copyFileSync(copy, file);
  return version;
}

async function succeeds(running: ReturnType<typeof apt>): Promise<void> {
  const { status, stdout, stderr } = await running;
  if (status !== 0) throw new Error(`apt-get failed: ${stdout}${stderr}`);
}

const unitOf = (host: TestHost) =>
  host.sh("echo $(systemctl is-enabled gitopper || true) $(systemctl is-active gitopper || true)");
const nginxPid = (host: TestHost) => host.sh("systemctl show --value --property=MainPID nginx");
/** Names, modes, owners and contents. */
const servedFiles = (host: TestHost) =>
  host.sh(
    "cd / && find srv/www etc/nginx/conf.d -printf '%p %m %u %g\\n' | sort && cat srv/www/* etc/nginx/conf.d/*",
  );

async function pageOf(site: number): Promise<string> {
  const options = { headers: { connection: "close" }, signal: AbortSignal.timeout(5_000) };
  return (await fetch(`http://127.0.0.1:${site}/`, options)).text();
}

async function askUntil(site: number, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const answers = new Set<string>();
  while (!signal.aborted)
    answers.add(await pageOf(site).catch((error: Error) => `refused: ${error.message}`));
  return answers;
}
