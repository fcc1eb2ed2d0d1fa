import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findKnown } from "../../src/adopt/known/known-services.ts";
import { type ServiceRow, servicesReply } from "../../src/api/original-shapes.ts";
import { configPath, gitopperctlBin } from "../host/gitopper-unit.ts";
import { bootHost, type TestHost } from "../host/host.ts";
import { installPackagedUnit } from "../host/packaged-unit.ts";
import { poll } from "../host/poll.ts";
import { makeUpstream, type Upstream } from "../host/upstream.ts";

/** Besides those of all tests. */
const packages = [
  ...["apache2", "unbound", "dns-root-data", "postfix", "dovecot-imapd", "caddy", "chrony", "rsyslog"],
  ...["redis-server", "nftables", "prometheus-alertmanager"],
];

interface Adopted {
  readonly service: string;
  /** In the repository, below `<service>/web1`. */
  readonly file: string;
  /** A line that its check refuses, and what the check says; absent: it has no check. */
  readonly bad?: readonly [line: string, says: RegExp];
  /** A file that looks secret: Debian's example of it has a password. */
  readonly take?: string;
}

const services: readonly Adopted[] = [
  { service: "apache2", file: "apache2.conf", bad: ["Nonsense yes", /apache2\.conf/] },
  { service: "unbound", file: "unbound.conf", bad: ["nonsense: yes", /unknown keyword/] },
  { service: "postfix", file: "main.cf", bad: ["nonsense", /missing '='/] },
  { service: "dovecot", file: "dovecot.conf", bad: ["nonsense = yes", /Unknown setting: nonsense/] },
  { service: "caddy", file: "Caddyfile", bad: ["nonsense {", /Caddyfile/] },
  { service: "chrony", file: "chrony.conf", bad: ["nonsense", /Invalid directive/] },
  { service: "rsyslog", file: "etc/rsyslog.conf", bad: ["nonsense(", /rsyslog\.conf, on or before line/] },
  { service: "redis-server", file: "redis.conf" },
  { service: "ssh", file: "sshd_config", bad: ["Nonsense yes", /Nonsense/] },
  { service: "nftables", file: "nftables.conf" },
  { service: "prometheus", file: "prometheus.yml", bad: ["nonsense: 1", /prometheus\.yml/] },
  {
    service: "prometheus-alertmanager",
    file: "etc/prometheus/alertmanager.yml",
    take: "/etc/prometheus/alertmanager.yml",
    bad: ["nonsense: 1", /nonsense/],
  },
];

/** So that they run beside each other, without a certificate, a clock to set and a network. */
const prepared: Readonly<Record<string, string>> = {
  "etc/caddy/Caddyfile": "http://:8090 {\n\trespond ok\n}\n",
  "etc/default/chrony": 'DAEMON_OPTS="-F 1 -x"\n',
  "etc/dovecot/conf.d/10-ssl.conf": "ssl = no\n",
  "etc/systemd/system/chrony.service.d/test.conf": "[Unit]\nConditionCapability=\n",
  "etc/default/prometheus-alertmanager": 'ARGS="--cluster.listen-address="\n',
};

async function bootHostWithServices(): Promise<{ host: TestHost; upstream: Upstream }> {
  const upstream = await makeUpstream({ files: { README: "the config of our hosts\n" } });
  onTestFinished(() => upstream.dispose());
  const host = await bootHost({
    ...{ name: "web1", ownNetwork: true, binds: [upstream.dir], packages },
    prepare: (disk) => {
      for (const [path, text] of Object.entries(prepared)) {
        mkdirSync(dirname(join(disk, path)), { recursive: true });
        writeFileSync(join(disk, path), text);
      }
    },
  });
  onTestFinished(() => host.stop());
  await installPackagedUnit(host, { port: 8000 });
  await host.run(["ln", "--symbolic", gitopperctlBin, "/usr/local/bin/gitopperctl"]);
  await host.write(
    configPath,
    `[global]\nupstream = "${upstream.path}"\nmount = "/srv/gitopper"\nsettle = "1s"\n`,
  );
  await host.run(["systemctl", "start", ...services.map(({ service }) => service)]);
  return { host, upstream };
}

/** Waits until all services are as wanted. */
function until(host: TestHost, isWanted: (row: ServiceRow) => boolean): Promise<readonly ServiceRow[]> {
  return poll(
    async () => servicesReply.parse(JSON.parse(await host.sh("gitopperctl list services --json"))).services,
    (rows) => rows.every(isWanted),
    {
      everyMs: 200,
      timeoutMs: 60_000,
      failure: (rows) =>
        JSON.stringify(
          rows.filter((row) => !isWanted(row)),
          null,
          1,
        ),
    },
  );
}

async function commitToAll(upstream: Upstream, change: (text: string, of: Adopted) => string) {
  const files: Record<string, string> = {};
  for (const each of services) {
    const path = `${each.service}/web1/${each.file}`;
    files[path] = change((await upstream.git("show", `main:${path}`)).stdout, each);
  }
  return upstream.commit(files);
}

test("each check refuses a broken config and takes a good one, and each probe passes", async () => {
  const { host, upstream } = await bootHostWithServices();
  await host.sh(`git clone --quiet ${upstream.path} /root/repo`);
  for (const { service, take = "" } of services) {
    const text = await host.sh(
      `gitopperctl adopt ${service} --take=${take} --clone /root/repo --write --push`,
    );
    expect(text, service).toContain("plan: nothing would change\n");
    for (const probe of findKnown(service)?.probes ?? []) expect(text).toContain(Object.values(probe).join());
    await upstream.merge(`adopt-${service}`);
  }
  await host.run(["systemctl", "start", "gitopper"]);
  const adopted = await upstream.head();
  await until(host, ({ state, hash }) => state === "OK" && hash === adopted);

  const bad = await commitToAll(upstream, (text, { bad }) => (bad ? `${text}${bad[0]}\n` : text));
  await host.run(["gitopperctl", "pull", "--all"]);
  const says = new Map(services.map(({ service, bad }) => [service, bad?.[1] ?? null]));
  await until(host, ({ service, hash, stateinfo }) => {
    const refusal = says.get(service) ?? null;
    if (refusal === null) return hash === bad;
    return hash === adopted && stateinfo.startsWith(`REFUSED ${bad.slice(0, 8)}`) && refusal.test(stateinfo);
  });

  const better = await commitToAll(
    upstream,
    (text, { bad }) => `${text.replace(`${bad?.[0]}\n`, "")}# better\n`,
  );
  await host.run(["gitopperctl", "pull", "--all"]);
  await until(host, ({ state, hash }) => state === "OK" && hash === better);
});
