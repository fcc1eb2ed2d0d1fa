import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Role } from "../../src/api/caller.ts";
import type { Route } from "../../src/api/route.ts";
import { routes } from "../../src/api/routes.ts";
import type { DeploymentRow } from "../../src/api/shapes.ts";
import type { HttpEndpoint } from "../../src/server/http/http.ts";
import { makeSelfSigned } from "../../src/server/tls/self-signed.ts";
import { Tls } from "../../src/server/tls/tls.ts";
import { anAudit, type HostOverrides, tokensOf } from "../builders/a-host.ts";
import { makeTempDir } from "../host/temp-dir.ts";
import { issue, makeCa, type Pair } from "./a-ca.ts";
import { type Asked, ask, loopback, openListener } from "./a-listener.ts";

const scratch = makeTempDir("matrix");
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const tokens = tokensOf({
  look: { id: "t1", name: "look", role: "read" },
  steer: { id: "t2", name: "steer", role: "operate" },
});
const server: Pair = { cert: join(scratch, "self.pem"), key: join(scratch, "self.key") };
const clients = [
  { subject: "CN=look", role: "read" },
  { subject: "CN=steer", role: "operate" },
] as const;
let ca: Pair;
beforeAll(async () => {
  const { cert, key } = makeSelfSigned(["localhost"], ["127.0.0.1"], new Date());
  writeFileSync(server.cert, cert);
  writeFileSync(server.key, key);
  ca = await makeCa(scratch, "ca");
  for (const name of ["look", "steer", "other"]) await issue(ca, scratch, name, `/CN=${name}`);
});

const socketPath = join(scratch, "gitopper.sock");
const bySocket = (uid: number | null): HttpEndpoint => ({
  kind: "socket",
  path: socketPath,
  gid: null,
  peerUid: () => uid,
});
const plain = (kind: "insecure" | "metrics"): HttpEndpoint => ({
  kind,
  address: "127.0.0.1:0",
  flag: "-a",
});
function https(): HttpEndpoint {
  const tls = new Tls({ ...server, clientCa: ca.cert }, { info: () => {}, warn: () => {} });
  return { kind: "tls", address: "127.0.0.1:0", flag: "-a", tls, clients };
}
const withTls = (name?: string) => ({
  tls: {
    ca: readFileSync(server.cert),
    ...(name && {
      cert: readFileSync(join(scratch, `${name}.pem`)),
      key: readFileSync(join(scratch, `${name}.key`)),
    }),
  },
});

interface Row {
  readonly who: string;
  readonly endpoint: () => HttpEndpoint;
  readonly how: () => Partial<Asked>;
  readonly role: Role | null;
}

const rows: readonly Row[] = [
  { who: "root at the socket", endpoint: () => bySocket(0), how: () => ({ socketPath }), role: "operate" },
  {
    who: "another user at the socket",
    endpoint: () => bySocket(65_534),
    how: () => ({ socketPath }),
    role: "read",
  },
  {
    who: "an unknown user at the socket",
    endpoint: () => bySocket(null),
    how: () => ({ socketPath }),
    role: "read",
  },
  { who: "root on loopback", endpoint: () => loopback, how: () => ({}), role: "operate" },
  {
    who: "a page that root looks at",
    endpoint: () => loopback,
    how: () => ({ headers: { origin: "https://evil.example" } }),
    role: "read",
  },
  {
    who: "a token that reads, on loopback",
    endpoint: () => loopback,
    how: () => ({ token: "look" }),
    role: "read",
  },
  { who: "a wrong token of root's", endpoint: () => loopback, how: () => ({ token: "wrong" }), role: null },
  {
    who: "root on loopback where others are strangers",
    endpoint: () => ({ ...loopback, loopback: "none" }),
    how: () => ({}),
    role: "operate",
  },
  {
    who: "a page on loopback where others are strangers",
    endpoint: () => ({ ...loopback, loopback: "none" }),
    how: () => ({ headers: { origin: "https://evil.example" } }),
    role: null,
  },
  {
    who: "a token on loopback where others are strangers",
    endpoint: () => ({ ...loopback, loopback: "none" }),
    how: () => ({ token: "look" }),
    role: "read",
  },
  { who: "anyone, insecure", endpoint: () => plain("insecure"), how: () => ({}), role: "read" },
  {
    who: "a token that operates, insecure",
    endpoint: () => plain("insecure"),
    how: () => ({ token: "steer" }),
    role: "read",
  },
  { who: "anyone, for metrics", endpoint: () => plain("metrics"), how: () => ({}), role: "read" },
  { who: "a stranger over HTTPS", endpoint: https, how: () => withTls(), role: null },
  {
    who: "a token that reads, over HTTPS",
    endpoint: https,
    how: () => ({ ...withTls(), token: "look" }),
    role: "read",
  },
  {
    who: "a token that operates, over HTTPS",
    endpoint: https,
    how: () => ({ ...withTls(), token: "steer" }),
    role: "operate",
  },
  {
    who: "a wrong token over HTTPS",
    endpoint: https,
    how: () => ({ ...withTls(), token: "wrong" }),
    role: null,
  },
  { who: "a certificate that reads", endpoint: https, how: () => withTls("look"), role: "read" },
  { who: "a certificate that operates", endpoint: https, how: () => withTls("steer"), role: "operate" },
  { who: "a certificate that is not mapped", endpoint: https, how: () => withTls("other"), role: null },
];

const pathOf = ({ path }: Route) => path.replace(/\{\w+\}/g, "x");

test.each(rows)("$who: $role, on every route", async ({ endpoint, how, role }) => {
  const audit = anAudit();
  await using listener = await openListener({ endpoint: endpoint(), routes, host: { tokens, audit } });
  for (const route of routes) {
    const { method, path } = route;
    const { status } = await ask({
      ...how(),
      ...(listener.port && { port: listener.port }),
      method,
      path: pathOf(route),
    });
    const allowed = role === "operate" || role === route.role;
    // What is allowed is answered somehow: most of these services do not exist.
    const seen = status === 401 || status === 429 ? "stranger" : status === 403 ? "refused" : "allowed";
    expect([method, path, seen]).toEqual([
      method,
      path,
      role === null ? "stranger" : allowed ? "allowed" : "refused",
    ]);
    expect(status).toBeLessThan(500);
  }
  const changes = routes.filter(({ method }) => method !== "GET").length;
  expect(audit.entries).toHaveLength(role === null ? 0 : changes);
});

/** A host whose replies contain the contents of files, units and programs. */
const secret = "what stands in a file";
const found = async <T>(value: T) => ({ ok: true, value }) as const;
const deployment: DeploymentRow = {
  ...{ id: 1, service: "x", from: null, to: "a".repeat(40), trigger: "poll", result: "failed", reason: "no" },
  ...{
    failedAt: "check",
    output: secret,
    journal: secret,
    startedAt: "2026-01-01T00:00:00Z",
    tookMs: 1,
    tries: 1,
  },
};
const telling: HostOverrides = {
  deployments: () => found([deployment]),
  diff: () => found({ from: null, to: "a".repeat(40), diff: secret, truncated: false }),
  unitLog: () => found([secret]),
};

test.each(rows)("$who: contents only with the role operate", async ({ endpoint, how, role }) => {
  await using listener = await openListener({ endpoint: endpoint(), routes, host: { tokens, ...telling } });
  const told: string[] = [];
  for (const route of routes.filter(({ method, path }) => method === "GET" && !path.endsWith("/v1/events"))) {
    const asked = {
      ...how(),
      ...(listener.port && { port: listener.port }),
      method: "GET",
      path: pathOf(route),
    };
    if ((await ask(asked)).body.includes(secret)) told.push(route.path.replace(/.*\{service\}/, ""));
  }
  expect(told.sort()).toEqual(role === "operate" ? ["/deployments/output", "/diff", "/log"] : []);
});
