import { once } from "node:events";
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeSelfSigned } from "../../src/server/tls/self-signed.ts";
import { Tls, type TlsFiles } from "../../src/server/tls/tls.ts";
import { tokensOf } from "../builders/a-host.ts";
import { run } from "../host/run.ts";
import { makeTempDir } from "../host/temp-dir.ts";
import { issue, issueExpired, makeCa, type Pair } from "./a-ca.ts";
import { ask, openListener } from "./a-listener.ts";

const scratch = makeTempDir("tls");
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const host = { tokens: tokensOf({ good: { id: "t1", name: "ci", role: "operate" } }) };
const clients = [
  { subject: "CN=prometheus", role: "read" },
  { subject: "CN=deploy,O=Example", role: "operate" },
] as const;
const server: Pair = { cert: join(scratch, "server.pem"), key: join(scratch, "server.key") };
let ca: Pair;
let clientCa: Pair;

beforeAll(async () => {
  ca = await makeCa(scratch, "ca");
  clientCa = await makeCa(scratch, "clients");
  await issue(ca, scratch, "server", "/CN=localhost");
});

async function openTlsDoor(files: Partial<TlsFiles> = {}, everyMs = 60_000) {
  const logged: string[] = [];
  const log = {
    info: (line: string) => void logged.push(line),
    warn: (line: string) => void logged.push(line),
  };
  const tls = new Tls({ ...server, clientCa: clientCa.cert, ...files }, log, everyMs);
  const listener = await openListener({
    host,
    endpoint: { kind: "tls", address: "127.0.0.1:0", flag: "-a", tls, clients },
  });
  return { ...listener, tls, logged };
}

const trusting = () => ({ ca: readFileSync(ca.cert) });
const showing = ({ cert, key }: Pair) => ({
  ...trusting(),
  cert: readFileSync(cert),
  key: readFileSync(key),
});

test("a stranger gets nothing, not even which routes there are", async () => {
  await using listener = await openTlsDoor();
  const asked = { port: listener.port, tls: trusting() };
  const reply = await ask({ ...asked, path: "/who" });
  expect(reply).toMatchObject({ status: 401, headers: { "www-authenticate": "Bearer" } });
  expect((await ask({ ...asked, path: "/nope", method: "POST" })).body).toBe(reply.body);
  expect(listener.refusedAt).toEqual([]);
});

test("a token opens it, with curl too", async () => {
  await using listener = await openTlsDoor();
  const asked = { port: listener.port, tls: trusting(), path: "/who" };
  expect(await ask({ ...asked, method: "POST", token: "good" })).toMatchObject({ body: "token ci: operate" });
  expect(await ask({ ...asked, token: "bad" })).toMatchObject({ status: 401 });
  expect(listener.refusedAt).toEqual(["https"]);
  const curl = ["curl", "-sS", "--cacert", ca.cert, "-H", "Authorization: Bearer good"];
  expect((await run([...curl, `https://localhost:${listener.port}/who`])).stdout).toBe("token ci: operate");
});

test("a client certificate has the role of its subject, if the right CA vouches for it", async () => {
  const prometheus = await issue(clientCa, scratch, "prometheus", "/O=Example/CN=prometheus");
  const deploy = await issue(clientCa, scratch, "deploy", "/O=Example/CN=deploy");
  const unmapped = await issue(clientCa, scratch, "unmapped", "/O=Other/CN=deploy");
  const foreign = await issue(ca, scratch, "foreign", "/O=Example/CN=deploy");
  const expired = await issueExpired(clientCa, scratch, "expired", "/O=Example/CN=deploy");
  await using listener = await openTlsDoor();
  const post = (pair: Pair, token?: string) =>
    ask({ port: listener.port, path: "/who", method: "POST", tls: showing(pair), ...(token && { token }) });
  expect(await post(deploy)).toMatchObject({ status: 200, body: "certificate CN=deploy,O=Example: operate" });
  expect(await post(prometheus)).toMatchObject({
    status: 403,
    body: expect.stringContaining("CN=prometheus"),
  });
  const strangers = [await post(unmapped), await post(foreign), await post(expired)];
  expect(strangers.map(({ status }) => status)).toEqual([401, 401, 401]);
  expect(new Set(strangers.map(({ body }) => body)).size).toBe(1);
  expect(listener.refusedAt).toHaveLength(3);
  expect(await post(unmapped, "good")).toMatchObject({ status: 200, body: "token ci: operate" });
});

test("without client_ca no certificate is requested", async () => {
  const pair = await issue(clientCa, scratch, "alone", "/O=Example/CN=deploy");
  await using listener = await openTlsDoor({ clientCa: null });
  expect(await ask({ port: listener.port, path: "/who", tls: showing(pair) })).toMatchObject({ status: 401 });
  expect(listener.refusedAt).toEqual([]);
});

test("a connection that ends leaves its place, though TLS never began in it", async () => {
  await using listener = await openTlsDoor();
  for (let i = 0; i < 60; i++) {
    expect(await ask({ port: listener.port, path: "/who", tls: trusting(), token: "good" })).toMatchObject({
      status: 200,
    });
  }
  const plain = await ask({ port: listener.port, path: "/who" }).catch((error: Error) => error.message);
  expect(plain).toMatch(/hang up|ECONNRESET/);
});

test.each(["TLSv1", "TLSv1.1"] as const)("%s is not spoken", async (version) => {
  await using listener = await openTlsDoor();
  const old = { ...trusting(), minVersion: version, maxVersion: version, ciphers: "DEFAULT@SECLEVEL=0" };
  await expect(ask({ port: listener.port, path: "/who", tls: old })).rejects.toThrow(
    /alert|protocol version/,
  );
});

test("Debian's sslscan finds nothing weak", async () => {
  await using listener = await openTlsDoor();
  const { stdout } = await run(["sslscan", "--xml=-", `localhost:${listener.port}`], { timeoutMs: 60_000 });
  const on = [...stdout.matchAll(/<protocol type="(\w+)" version="([\d.]+)" enabled="1"/g)];
  expect(on.map(([, type, version]) => `${type} ${version}`)).toEqual(["tls 1.2", "tls 1.3"]);
  const ciphers = [...stdout.matchAll(/<cipher status="\w+" .*?cipher="([^"]+)".*?strength="(\w+)"/g)];
  expect(ciphers.length).toBeGreaterThan(4);
  for (const [, cipher = "", strength] of ciphers) {
    expect(cipher).toMatch(/^(TLS_|ECDHE-).*(GCM|POLY1305)/);
    expect(["acceptable", "strong"]).toContain(strength);
  }
  expect(stdout).toContain('<renegotiation supported="0"');
  expect(stdout).not.toMatch(/vulnerable="1"|<compression supported="1"/);
  const groups = [...stdout.matchAll(/<group [^>]*bits="(\d+)"/g)].map(([, bits]) => Number(bits));
  expect(groups.length).toBeGreaterThan(2);
  expect(Math.min(...groups)).toBeGreaterThanOrEqual(128);
});

test("new files are taken over while connections go on, and broken ones are not", async () => {
  const now = join(scratch, "now.pem");
  const key = join(scratch, "now.key");
  copyFileSync(server.cert, now);
  copyFileSync(server.key, key);
  const next = await issue(ca, scratch, "next", "/CN=localhost");
  await using listener = await openTlsDoor({ cert: now, key }, 20);
  const before = await shownAt(listener.port);
  expect(before).toBe(listener.tls.fingerprint);

  writeFileSync(now, "broken");
  await expect
    .poll(() => listener.logged.at(-1))
    .toContain(`Cannot use ${now} for HTTPS: it has to have a certificate, in PEM`);
  expect(await shownAt(listener.port)).toBe(before);
  copyFileSync(next.cert, now);
  await expect.poll(() => listener.logged.at(-1)).toContain("it does not belong to the certificate");
  expect(await shownAt(listener.port)).toBe(before);
  expect(listener.tls.fingerprint).toBe(before);

  copyFileSync(next.key, key);
  await expect.poll(() => listener.logged.at(-1)).toContain("HTTPS has a new certificate");
  expect(await shownAt(listener.port)).toBe(listener.tls.fingerprint);
  expect(listener.tls.fingerprint).not.toBe(before);
  expect(await ask({ port: listener.port, path: "/who", tls: trusting(), token: "good" })).toMatchObject({
    status: 200,
  });
});

test("what cannot be used is one line that says what to set", async () => {
  const use = (files: Partial<TlsFiles>) => () =>
    new Tls({ ...server, clientCa: null, ...files }, { info: () => {}, warn: () => {} });
  const missing = join(scratch, "missing.pem");
  expect(use({ cert: missing })).toThrow(/^Cannot use .*missing.pem for HTTPS: ENOENT.*; set \[api\] cert$/);
  expect(use({ cert: server.key })).toThrow("it has to have a certificate, in PEM; set [api] cert");
  expect(use({ key: server.cert })).toThrow(
    "it has to have a private key without a passphrase, in PEM; set [api] key",
  );
  expect(use({ key: ca.key })).toThrow(`it does not belong to the certificate ${server.cert}`);
  expect(use({ clientCa: server.key })).toThrow("it has to have a certificate, in PEM; set [api] client_ca");
});

test("a certificate that the host signs for itself works with curl and openssl, and is pinned by its fingerprint", async () => {
  const made = makeSelfSigned(["localhost"], ["127.0.0.1"], new Date());
  const cert = join(scratch, "self.pem");
  const key = join(scratch, "self.key");
  writeFileSync(cert, made.cert);
  writeFileSync(key, made.key);
  await using listener = await openTlsDoor({ cert, key });
  const curl = ["curl", "-sS", "--cacert", cert, "-H", "Authorization: Bearer good"];
  for (const name of ["localhost", "127.0.0.1"])
    expect((await run([...curl, `https://${name}:${listener.port}/who`])).stdout).toBe("token ci: operate");
  const { stdout } = await run([
    ...["openssl", "s_client", "-connect", `127.0.0.1:${listener.port}`, "-CAfile", cert],
    ...["-verify_return_error", "-verify_hostname", "localhost"],
  ]);
  expect(stdout).toContain("Verify return code: 0 (ok)");
  const { stdout: digest } = await run([
    "sh",
    "-c",
    `openssl x509 -in ${cert} -outform DER | openssl dgst -sha256 -binary | base64`,
  ]);
  expect(listener.tls.fingerprint).toBe(`SHA256:${digest.trim().replace(/=+$/, "")}`);
});

/** The fingerprint of what a new connection is shown. */
async function shownAt(port: number): Promise<string> {
  const socket: TLSSocket = connect({ port, host: "127.0.0.1", servername: "localhost", ...trusting() });
  await once(socket, "secureConnect");
  const hex = socket.getPeerCertificate().fingerprint256.replaceAll(":", "");
  socket.destroy();
  return `SHA256:${Buffer.from(hex, "hex").toString("base64").replace(/=+$/, "")}`;
}
