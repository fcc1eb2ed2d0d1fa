/**
 * Twenty services that many hosts have, as the packages of Debian 12 have them (grafana: the package of grafana.com).
 * Programs without a check cannot test a config that the running service does not have yet, or not without privileges.
 */
import type { KnownService } from "./known-service.ts";
import { systemServices } from "./known-system-services.ts";

const networkServices: readonly KnownService[] = [
  {
    names: ["nginx"],
    paths: ["/etc/nginx"],
    action: "reload",
    check: ["nginx", "-t"],
    probes: [{ tcp: "127.0.0.1:80" }],
  },
  {
    names: ["apache2", "apache", "httpd"],
    paths: ["/etc/apache2"],
    action: "reload",
    check: ["apache2ctl", "configtest"],
    probes: [{ tcp: "127.0.0.1:80" }],
  },
  {
    names: ["haproxy"],
    paths: ["/etc/haproxy"],
    action: "reload",
    check: ["haproxy", "-c", "-f", "/etc/haproxy/haproxy.cfg"],
  },
  {
    names: ["prometheus"],
    paths: ["/etc/prometheus"],
    action: "reload",
    check: ["promtool", "check", "config", "/etc/prometheus/prometheus.yml"],
    checkUser: "prometheus",
    probes: [{ http: "http://127.0.0.1:9090/-/ready" }],
    // A service of its own, in the same directory.
    staying: [
      { pattern: "/etc/prometheus/alertmanager.yml", why: "it is for the service prometheus-alertmanager" },
      {
        pattern: "/etc/prometheus/alertmanager_templates",
        why: "it is for the service prometheus-alertmanager",
      },
    ],
  },
  {
    names: ["prometheus-alertmanager", "alertmanager"],
    paths: ["/etc/prometheus/alertmanager.yml", "/etc/prometheus/alertmanager_templates"],
    action: "reload",
    check: ["amtool", "check-config", "/etc/prometheus/alertmanager.yml"],
    checkUser: "prometheus",
    probes: [{ http: "http://127.0.0.1:9093/-/ready" }],
  },
  {
    names: ["grafana-server", "grafana"],
    paths: ["/etc/grafana"],
    action: "restart",
    probes: [{ http: "http://127.0.0.1:3000/api/health" }],
  },
  {
    names: ["named", "bind9", "bind"],
    paths: ["/etc/bind"],
    action: "reload",
    check: ["named-checkconf", "-z"],
    probes: [{ tcp: "127.0.0.1:53" }],
    staying: [
      { pattern: "/etc/bind/rndc.key", why: "it is the key for rndc, made on this host" },
      { pattern: "/etc/bind/*.jnl", why: "named writes this journal of a zone" },
      { pattern: "/etc/bind/*.jbk", why: "named writes this journal of a zone" },
      { pattern: "/etc/bind/*.signed", why: "named writes this signed zone" },
      { pattern: "/etc/bind/*.nzf", why: "named writes this list of added zones" },
      { pattern: "/etc/bind/*.nzd", why: "named writes this list of added zones" },
    ],
  },
  {
    names: ["unbound"],
    paths: ["/etc/unbound"],
    action: "reload",
    check: ["unbound-checkconf"],
    probes: [{ tcp: "127.0.0.1:53" }],
    staying: [
      { pattern: "/etc/unbound/unbound_*.key", why: "it is a key for unbound-control, made on this host" },
      { pattern: "/etc/unbound/unbound_*.pem", why: "it belongs to the keys for unbound-control" },
    ],
  },
  {
    names: ["postfix"],
    paths: ["/etc/postfix"],
    action: "reload",
    // postfix(1) logs its faults, and only postconf(1) prints them; it reads less of the config.
    check: ["sh", "-c", "postconf -n >/dev/null && postfix check"],
    checkNetwork: true,
    probes: [{ tcp: "127.0.0.1:25" }],
    staying: [
      { pattern: "/etc/postfix/*.db", why: "postmap makes it" },
      { pattern: "/etc/postfix/*.lmdb", why: "postmap makes it" },
      { pattern: "/etc/postfix/sasl_passwd", why: "it has passwords" },
    ],
    note: "postmap is not run: run it after a push that changes a table, or use texthash: instead of hash:",
  },
  {
    names: ["dovecot"],
    paths: ["/etc/dovecot"],
    action: "reload",
    check: ["doveconf", "-n"],
    probes: [{ tcp: "127.0.0.1:143" }],
    staying: [{ pattern: "/etc/dovecot/private", why: "it has the keys of this host" }],
  },
  {
    names: ["caddy"],
    paths: ["/etc/caddy"],
    action: "reload",
    check: ["caddy", "validate", "--config", "/etc/caddy/Caddyfile"],
    checkUser: "caddy",
    probes: [{ tcp: "127.0.0.1:80" }],
  },
];

export const knownServices: readonly KnownService[] = [...networkServices, ...systemServices];

/** The facts about a service by one of its names, with or without `.service`; null: it is none of the twenty. */
export function findKnown(name: string): KnownService | null {
  const short = name.replace(/\.service$/, "");
  return knownServices.find(({ names }) => names.includes(short)) ?? null;
}
