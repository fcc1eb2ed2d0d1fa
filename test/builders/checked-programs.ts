/** Real programs that check their configs: the command, its user, and its output for a bad config. */

import { createSocket } from "node:dgram";
import { once } from "node:events";

export interface CheckedProgram {
  /** The Debian package. */
  readonly name: string;
  /** The unit, where it is not called like the package. */
  readonly unit?: string;
  readonly check: readonly string[];
  /** The user that it needs. */
  readonly user: string;
  readonly local: string;
  readonly good: (port: number) => string;
  /** Good, and another one. */
  readonly better: (port: number) => string;
  /** What it answers with the good one, and with the better one. */
  readonly answers: readonly [string, string];
  readonly ask: (port: number) => Promise<string>;
  /** What else a host needs, so that it listens at the port. */
  readonly prepare?: (port: number) => { readonly path: string; readonly text: string };
  readonly bad: string;
  readonly says: RegExp;
}

async function askHttp(port: number, path = ""): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}/${path}`, {
    headers: { connection: "close" },
    signal: AbortSignal.timeout(5_000),
  });
}

const statusOf = async (port: number) => String((await askHttp(port)).status);

/** The first job of prometheus's config. */
async function jobOf(port: number): Promise<string> {
  const text = await (await askHttp(port, "api/v1/status/config")).text();
  return /job_name: (\w+)/.exec(text)?.[1] ?? "";
}

/** Queries a name server for `version.bind`, as RFC 4892 has it. */
async function versionOf(port: number): Promise<string> {
  const question = Buffer.from("\x07version\x04bind\0\0\x10\0\x03", "latin1");
  const header = Buffer.from("abad0000000100000000" + "0000", "hex");
  const socket = createSocket("udp4");
  try {
    const signal = AbortSignal.timeout(1_000);
    const answer = once(socket, "message", { signal });
    socket.send(Buffer.concat([header, question]), port, "127.0.0.1");
    const [message] = await answer;
    return /first|second/.exec(Buffer.from(message).toString("latin1"))?.[0] ?? "";
  } finally {
    socket.close();
  }
}

const nginx = (status: number) => (port: number) =>
  `user www-data;
pid /run/nginx.pid;
events { worker_connections 64; }
http { server { listen 127.0.0.1:${port}; location / { return ${status}; } } }
`;

const prometheus = (job: string) => (_: number) =>
  `scrape_configs:
  - job_name: ${job}
    static_configs:
      - targets: ["127.0.0.1:9"]
`;

const haproxy = (status: number) => (port: number) =>
  `global
  user haproxy
defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend test
  bind 127.0.0.1:${port}
  http-request return status ${status}
`;

const named = (version: string) => (port: number) =>
  `options {
  directory "/var/cache/bind";
  listen-on port ${port} { 127.0.0.1; };
  listen-on-v6 { none; };
  recursion no;
  version "${version}";
};
`;

export const checkedPrograms: readonly CheckedProgram[] = [
  {
    name: "nginx",
    check: ["nginx", "-t"],
    user: "root",
    local: "/etc/nginx/nginx.conf",
    good: nginx(200),
    better: nginx(202),
    answers: ["200", "202"],
    ask: statusOf,
    bad: "nonsense;\n",
    says: /unknown directive "nonsense" in \/etc\/nginx\/nginx\.conf:1/,
  },
  {
    name: "prometheus",
    check: ["promtool", "check", "config", "/etc/prometheus/prometheus.yml"],
    user: "prometheus",
    local: "/etc/prometheus/prometheus.yml",
    good: prometheus("first"),
    better: prometheus("second"),
    answers: ["first", "second"],
    ask: jobOf,
    prepare: (port) => ({
      path: "/etc/default/prometheus",
      text: `ARGS="--web.listen-address=127.0.0.1:${port}"\n`,
    }),
    bad: "scrape_configs: nonsense\n",
    says: /FAILED: parsing YAML file \/etc\/prometheus\/prometheus\.yml/,
  },
  {
    name: "haproxy",
    check: ["haproxy", "-c", "-f", "/etc/haproxy/haproxy.cfg"],
    user: "haproxy",
    local: "/etc/haproxy/haproxy.cfg",
    good: haproxy(200),
    better: haproxy(202),
    answers: ["200", "202"],
    ask: statusOf,
    bad: "nonsense\n",
    says: /parsing \[\/etc\/haproxy\/haproxy\.cfg:1\].*unknown keyword 'nonsense'/,
  },
  {
    name: "bind9",
    unit: "named",
    check: ["named-checkconf"],
    user: "bind",
    local: "/etc/bind/named.conf",
    good: named("first"),
    better: named("second"),
    answers: ["first", "second"],
    ask: versionOf,
    bad: "nonsense;\n",
    says: /\/etc\/bind\/named\.conf:1: unknown option 'nonsense'/,
  },
];
