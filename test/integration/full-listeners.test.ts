/** Listeners that others have filled: with connections without a request, without a reader, or with streams. */
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { connect, type NetConnectOpts, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { makeSelfSigned } from "../../src/server/tls/self-signed.ts";
import { Tls } from "../../src/server/tls/tls.ts";
import { tokensOf } from "../builders/a-host.ts";
import { makeTempDir } from "../host/temp-dir.ts";
import { aRoute, ask, openListener, start, type TestListener, whoRoutes } from "./a-listener.ts";
import { openSshListener } from "./an-ssh-listener.ts";

const scratch = makeTempDir("full");
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const tokens = tokensOf({
  look: { id: "t1", name: "look", role: "read" },
  steer: { id: "t2", name: "steer", role: "operate" },
});

/** Connections that are taken, and send what is given. They are closed at the end of the test. */
async function crowdOf(count: number, where: NetConnectOpts, bytes = "") {
  const sockets: Socket[] = [];
  for (let i = 0; i < count; i++) {
    const socket = connect(where).on("error", () => {});
    await once(socket, "connect");
    socket.write(bytes);
    sockets.push(socket);
  }
  return {
    open: () => sockets.filter(({ closed }) => !closed).length,
    [Symbol.dispose]: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

const half = "GET /who HTTP/1.1\r\nHost: localhost\r\nX-Slow: ";

describe("active callers are admitted", () => {
  test("when one address has opened more connections than its limit, without a request", async () => {
    await using listener = await openListener();
    using crowd = await crowdOf(40, { port: listener.port, host: "127.0.0.1" }, half);
    for (let i = 0; i < 3; i++)
      expect(await ask({ path: "/who", port: listener.port })).toMatchObject({ status: 200 });
    expect(await ask({ path: "/who", port: listener.port, localAddress: "127.0.0.2" })).toMatchObject({
      status: 200,
    });
    await expect.poll(() => crowd.open()).toBeLessThanOrEqual(31);
  });

  test("when many addresses have filled the listener, also over TLS", async () => {
    const files = { cert: join(scratch, "self.pem"), key: join(scratch, "self.key") };
    const { cert, key } = makeSelfSigned(["localhost"], ["127.0.0.1"], new Date());
    writeFileSync(files.cert, cert);
    writeFileSync(files.key, key);
    const tls = new Tls({ ...files, clientCa: null }, { info: () => {}, warn: () => {} });
    const place = { kind: "tls", address: "127.0.0.1:0", flag: "-a", tls, clients: [] } as const;
    await using listener = await openListener({ endpoint: place, host: { tokens } });
    using crowd = new DisposableStack();
    for (let i = 10; i < 16; i++)
      crowd.use(
        await crowdOf(30, { port: listener.port, host: "127.0.0.1", localAddress: `127.0.0.${i}` }, "\u0016"),
      );
    const asked = {
      path: "/who",
      port: listener.port,
      token: "steer",
      tls: { ca: readFileSync(files.cert) },
    };
    expect(await ask(asked)).toMatchObject({ status: 200, body: "token steer: operate" });
  });

  test("at the socket, when other connections of the same user are idle", async () => {
    const path = join(scratch, "gitopper.sock");
    await using _ = await openListener({
      endpoint: { kind: "socket", path, gid: null, peerUid: () => 1_000 },
    });
    using _crowd = await crowdOf(40, { path }, half);
    expect(await ask({ path: "/who", socketPath: path })).toMatchObject({ status: 200 });
  });

  test("over SSH, where one address does not log in", async () => {
    await using listener = await openSshListener();
    const key = await listener.makeKey("ops", ["-t", "ed25519"], "operate");
    using _crowd = await crowdOf(60, { port: listener.port, host: "127.0.0.1" });
    expect(await listener.ssh(key, ["GET", "/whoami"])).toMatchObject({ status: 0 });
  });

  test("when all other callers wait for an answer; an operator's request is not cut off", async () => {
    const waits = aRoute("GET", "/never", "read", () => new Promise(() => {}));
    let finish = () => {};
    const begun = Promise.withResolvers<void>();
    const slow = aRoute("POST", "/slow", "operate", async () => {
      await new Promise<void>((resolve) => {
        finish = resolve;
        begun.resolve();
      });
      return { status: 200, contentType: "text/plain", body: "done" };
    });
    await using listener = await openListener({ routes: [...whoRoutes, waits, slow], host: { tokens } });
    const started = ask({ method: "POST", path: "/slow", port: listener.port, token: "steer" });
    await begun.promise;
    const never = "GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n";
    using _crowd = await crowdOf(40, { port: listener.port, host: "127.0.0.1" }, never);
    expect(await ask({ path: "/who", port: listener.port, token: "look" })).toMatchObject({ status: 200 });
    finish();
    expect(await started).toMatchObject({ status: 200, body: "done" });
  });
});

describe("streams", () => {
  const follow = {
    ...aRoute("GET", "/follow", "read", (_host, { signal }) => ({
      status: 200,
      contentType: "text/event-stream",
      body: (async function* () {
        yield "first\n";
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      })(),
    })),
    streams: true,
  } as const;
  const limits = { total: 3, each: 2, stallMs: 1_000, longestMs: 60_000 };
  const page = { origin: "https://example.org" };

  async function openStream({ port }: TestListener, how: Parameters<typeof start>[0]) {
    const sending = start({ path: "/follow", port, ...how }).end();
    const [response] = (await once(sending, "response")) as [IncomingMessage];
    const over = new Promise((resolve) =>
      response
        .on("error", () => {})
        .resume()
        .once("close", resolve),
    );
    sending.on("error", () => {});
    return { status: response.statusCode, over, [Symbol.dispose]: () => void sending.destroy() };
  }

  test("an operator evicts the oldest reader; readers do not evict each other", async () => {
    await using listener = await openListener({ routes: [follow], streams: limits, host: { tokens } });
    using oldest = await openStream(listener, { token: "look" });
    using _second = await openStream(listener, { token: "look" });
    using third = await openStream(listener, { headers: page });
    using fourth = await openStream(listener, { headers: page });
    expect([oldest, third, fourth].map(({ status }) => status)).toEqual([200, 200, 503]);
    using operator = await openStream(listener, { token: "steer" });
    expect(operator.status).toBe(200);
    await oldest.over;
  });

  test("root on the host is no anonymous reader", async () => {
    await using listener = await openListener({ routes: [follow], streams: { ...limits, total: 2 } });
    using first = await openStream(listener, { headers: page });
    using _second = await openStream(listener, { headers: page });
    using root = await openStream(listener, {});
    expect([first.status, root.status]).toEqual([200, 200]);
    await first.over;
  });
});
