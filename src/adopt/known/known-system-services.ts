/** Databases and services of the system itself, as the packages of Debian 12 have them. */
import type { KnownService } from "./known-service.ts";

/** A reload with a config that PostgreSQL cannot read ends well, and changes nothing. Not read: pg_hba.conf. */
const checkClusters = `cd /etc/postgresql && for it in */*
do "/usr/lib/postgresql/$(dirname "$it")/bin/postgres" -C port -c config_file="$PWD/$it/postgresql.conf" >/dev/null || exit
done`.replaceAll("\n", "; ");

export const systemServices: readonly KnownService[] = [
  {
    // An umbrella that passes a reload on to the clusters, which are instances of postgresql@.
    names: ["postgresql", "postgres"],
    paths: ["/etc/postgresql"],
    action: "reload",
    check: ["sh", "-c", checkClusters],
    checkUser: "postgres",
    probes: [{ tcp: "127.0.0.1:5432" }],
    note: 'some settings of PostgreSQL need a restart, which gitopper does not do for action = "reload"',
  },
  {
    names: ["redis-server", "redis"],
    paths: ["/etc/redis"],
    action: "restart",
    probes: [{ tcp: "127.0.0.1:6379" }],
  },
  {
    // A SIGHUP reopens its files, and does not read the config.
    names: ["rsyslog"],
    paths: ["/etc/rsyslog.conf", "/etc/rsyslog.d"],
    action: "restart",
    check: ["rsyslogd", "-N1"],
  },
  {
    names: ["chrony", "chronyd"],
    paths: ["/etc/chrony"],
    action: "restart",
    check: ["chronyd", "-p", "-f", "/etc/chrony/chrony.conf"],
    staying: [{ pattern: "/etc/chrony/chrony.keys", why: "it has keys" }],
  },
  {
    names: ["ssh", "sshd"],
    paths: ["/etc/ssh"],
    action: "reload",
    check: ["sshd", "-t"],
    probes: [{ tcp: "127.0.0.1:22" }],
    staying: [
      { pattern: "/etc/ssh/ssh_host_*", why: "it is a host key, made on this host" },
      { pattern: "/etc/ssh/moduli", why: "the package updates it" },
    ],
  },
  {
    // `nft --check` needs CAP_NET_ADMIN, which checks do not have. A reload is atomic: the old rules stay if it fails.
    names: ["nftables"],
    paths: ["/etc/nftables.conf"],
    action: "reload",
  },
  {
    names: ["docker"],
    paths: ["/etc/docker"],
    action: "reload",
    staying: [{ pattern: "/etc/docker/key.json", why: "it is a key, made on this host" }],
    note: "some settings of dockerd need a restart, which stops containers",
  },
  {
    names: ["systemd-networkd"],
    paths: ["/etc/systemd/network"],
    action: "reload",
  },
  {
    names: ["cron"],
    paths: ["/etc/crontab", "/etc/cron.d"],
    action: null,
    note: "cron notices changed files within a minute, so it needs no action",
  },
];
