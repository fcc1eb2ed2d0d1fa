import { createHmac } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Forge, Push, WebhookResult } from "../../src/model/webhook.ts";
import { makeSelfSigned } from "../../src/server/tls/self-signed.ts";
import { Tls } from "../../src/server/tls/tls.ts";
import { createWebhooks } from "../../src/server/webhooks/webhooks.ts";
import { tokensOf } from "../builders/a-host.ts";
import { hexOf, secret, webhookOf } from "../builders/webhooks.ts";
import { run } from "../host/run.ts";
import { makeTempDir } from "../host/temp-dir.ts";
import { ask, openListener, start } from "./a-listener.ts";

const scratch = makeTempDir("webhooks");
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const host = { tokens: tokensOf({ good: { id: "t1", name: "ci", role: "operate" } }) };

/** Webhooks that keep the requests that they got. */
function someWebhooks(kind: Forge = "github") {
  const pushes: Push[] = [];
  const counted: [string, WebhookResult][] = [];
  const webhooks = createWebhooks({
    webhooks: [{ name: "hook", kind, secrets: [], upstreams: null }],
    secretsOf: () => [secret],
    wake: (_, push) => {
      pushes.push(push);
      return { woke: true, message: "woke app" };
    },
    onResult: (name, result) => void counted.push([name, result]),
    log: () => {},
    clock: { now: () => new Date(), monotonicMs: () => 0 },
  });
  return { webhooks, pushes, counted };
}

const to = (port: number, name = "hook") => ({ port, method: "POST", path: `/webhook/${name}` });

/** Signed as GitHub signs, whatever the body. */
function signed(body: string | Buffer) {
  const text = body.toString("latin1");
  const headers = { "x-github-event": "push", "x-hub-signature-256": `sha256=${hexOf(text, secret)}` };
  return { headers, body: text };
}

test("a webhook needs no other credential than its own, on loopback, in the clear and at the socket", async () => {
  for (const kind of ["loopback", "insecure"] as const) {
    const { webhooks, pushes } = someWebhooks();
    await using listener = await openListener({
      webhooks,
      host,
      endpoint: { kind, address: "127.0.0.1:0", flag: "-a" },
    });
    const reply = await ask({ ...to(listener.port), ...webhookOf("github") });
    expect(reply).toMatchObject({ status: 202, body: '{"message":"woke app"}\n' });
    expect(pushes).toHaveLength(1);
  }
  const { webhooks } = someWebhooks();
  const path = join(scratch, "a.sock");
  const place = { kind: "socket", path, gid: null, peerUid: () => null } as const;
  await using _ = await openListener({ webhooks, endpoint: place });
  expect(await ask({ ...to(0), socketPath: path, ...webhookOf("github") })).toMatchObject({ status: 202 });
});

test("it is accepted over HTTPS without a certificate, and through a proxy under another name", async () => {
  const made = makeSelfSigned(["localhost"], ["127.0.0.1"], new Date());
  const files = { cert: join(scratch, "cert.pem"), key: join(scratch, "key.pem"), clientCa: null };
  writeFileSync(files.cert, made.cert);
  writeFileSync(files.key, made.key, { mode: 0o600 });
  const { webhooks } = someWebhooks();
  const tls = new Tls(files, { info: () => {}, warn: () => {} });
  await using listener = await openListener({
    webhooks,
    endpoint: { kind: "tls", address: "127.0.0.1:0", flag: "-a", tls, clients: [] },
  });
  const { headers, body } = webhookOf("github");
  const proxied = { ...headers, host: "deploy.example.org", "x-forwarded-for": "192.0.2.1" };
  const reply = await ask({
    ...to(listener.port),
    body,
    headers: proxied,
    tls: { ca: made.cert, servername: "localhost" },
  });
  expect(reply).toMatchObject({ status: 202 });
});

test("curl and openssl are enough for the generic form", async () => {
  const { webhooks, pushes } = someWebhooks("generic");
  await using listener = await openListener({ webhooks });
  const script = `
    body='{"repository":"https://git.example.org/config.git","ref":"main"}'
    hex=$(printf %s "$body" | openssl dgst -sha256 -hmac "$SECRET" | sed 's/.* //')
    curl -fsS "$URL" -H "X-Hub-Signature-256: sha256=$hex" --data-binary "$body"`;
  const env = { SECRET: secret, URL: `http://127.0.0.1:${listener.port}/webhook/hook` };
  expect((await run(["bash", "-c", script], { env })).stdout).toBe('{"message":"woke app"}\n');
  expect(pushes[0]?.branches).toEqual([{ branch: "main", before: null, after: null }]);
});

test("a signature is over the bytes as they came", async () => {
  const { webhooks } = someWebhooks();
  await using listener = await openListener({ webhooks });
  const body = Buffer.from([0x7b, 0xff, 0xfe, 0x7d]);
  const headers = {
    "x-github-event": "push",
    "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
  };
  const sending = start({ ...to(listener.port), headers });
  const response = new Promise<number | undefined>((resolve) =>
    sending.once("response", (r) => resolve(r.statusCode)),
  );
  sending.end(body);
  // It is proven, and then it is no JSON.
  expect(await response).toBe(400);
});

describe("strangers", () => {
  test("get the same reply for existing and missing names", async () => {
    const { webhooks, counted } = someWebhooks();
    await using listener = await openListener({ webhooks, host });
    const { port } = listener;
    const tries = [
      { headers: {}, body: "" },
      { headers: { "x-hub-signature-256": "sha256=00" }, body: "{}" },
      { ...webhookOf("github", { secret: "not the secret, but long" }) },
      { headers: { authorization: "Bearer good" }, body: "{}" },
      { headers: {}, body: "x".repeat(100_000) },
      { headers: {}, body: "x".repeat(1_100_000) },
    ];
    for (const tried of tries) {
      const [there, missing] = [
        await ask({ ...to(port), ...tried }),
        await ask({ ...to(port, "nope"), ...tried }),
      ];
      const { date: _, ...headers } = there.headers;
      expect(missing).toMatchObject({ status: there.status, body: there.body, headers });
      expect([401, 413]).toContain(there.status);
    }
    expect(new Set(counted.map((each) => each.join(" ")))).toEqual(
      new Set(["hook refused", "unknown refused"]),
    );
    expect(listener.refusedAt).toHaveLength(counted.length);
    expect((await ask({ ...to(port), method: "GET" })).status).toBe(
      (await ask({ ...to(port, "nope"), method: "GET" })).status,
    );
  });

  test("many wrong attempts are rejected, and the right secret is still accepted", async () => {
    const { webhooks } = someWebhooks();
    await using listener = await openListener({ webhooks });
    const statuses: number[] = [];
    for (let n = 0; n < 31; n += 1) statuses.push((await ask({ ...to(listener.port), body: "{}" })).status);
    expect([statuses[29], statuses[30]]).toEqual([401, 429]);
    expect(await ask({ ...to(listener.port), ...webhookOf("github") })).toMatchObject({ status: 202 });
    expect(listener.logged).toEqual(["a credential from 127.0.0.1 was refused (http)"]);
  });
});

test("a webhook may be larger than other requests, up to a mebibyte", async () => {
  const { webhooks } = someWebhooks();
  await using listener = await openListener({ webhooks });
  const { port } = listener;
  const payload = (bytes: number) =>
    JSON.stringify({ ...JSON.parse(webhookOf("github").body), pad: "x".repeat(bytes) });
  expect(await ask({ ...to(port), ...signed(payload(1_000_000)) })).toMatchObject({ status: 202 });
  expect(await ask({ ...to(port), ...signed(payload(1_100_000)) })).toMatchObject({
    status: 413,
    headers: { connection: "close" },
    body: expect.stringContaining("the next poll sees"),
  });
});

test("large webhooks that do not come to an end keep no other large one out; the oldest of them goes", async () => {
  const { webhooks } = someWebhooks();
  await using listener = await openListener({ webhooks });
  const { port } = listener;
  const payload = JSON.stringify({ ...JSON.parse(webhookOf("github").body), pad: "x".repeat(200_000) });
  const open = Array.from({ length: 4 }, () => {
    const sending = start({ ...to(port), headers: { "content-length": "300000" } });
    const gone = new Promise<string>((resolve) => sending.once("error", () => resolve("hung up on")));
    sending.write(payload);
    return { gone, sending };
  });
  let hungUp = "";
  void Promise.race(open.map(({ gone }) => gone)).then((how) => {
    hungUp = how;
  });
  // All four are read some time, and the next one is the fifth then.
  for (let n = 0; n < 500 && hungUp === ""; n += 1)
    expect(await ask({ ...to(port), ...signed(payload) })).toMatchObject({ status: n === 0 ? 202 : 200 });
  expect(hungUp).toBe("hung up on");
  for (const { sending } of open) sending.destroy();
});

test("without webhooks there is nothing at their place", async () => {
  await using listener = await openListener();
  expect(await ask({ ...to(listener.port), ...webhookOf("github") })).toMatchObject({ status: 404 });
});
