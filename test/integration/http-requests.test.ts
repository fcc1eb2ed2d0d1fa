import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { tokensOf } from "../builders/a-host.ts";
import { run } from "../host/run.ts";
import { aRoute, ask, openListener, sendRaw, start, whoRoutes } from "./a-listener.ts";

const host = {
  tokens: tokensOf({
    good: { id: "t1", name: "ci", role: "operate" },
    look: { id: "t2", name: "look", role: "read" },
  }),
};
const who = { path: "/who", method: "POST" };
const asNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
const curl = ["curl", "--silent", "--show-error", "--max-time", "10"];

describe("operators on loopback", () => {
  test.each(["127.0.0.1:0", "[::1]:0", "localhost:0"])("root, at %s, and no other user", async (address) => {
    await using listener = await openListener({ endpoint: { kind: "loopback", address, flag: "-a" } });
    const url = `http://${listener.address}/who`;
    expect((await run([...curl, "-X", "POST", url])).stdout).toBe("root: operate");
    expect((await run([...asNobody, ...curl, "-X", "POST", url])).stdout).toContain(
      "You (nobody) may only read: POST /who needs the role operate",
    );
    expect((await run([...asNobody, ...curl, url])).stdout).toBe("anyone: read");
  });

  test("root through IPv4 at a socket of IPv6, and no other user", async () => {
    await using listener = await openListener({
      endpoint: { kind: "loopback", address: "[::ffff:127.0.0.1]:0", flag: "-a" },
    });
    const url = `http://127.0.0.1:${listener.port}/who`;
    expect((await run([...curl, "-X", "POST", url])).stdout).toBe("root: operate");
    expect((await run([...asNobody, ...curl, "-X", "POST", url])).stdout).toContain(
      "You (nobody) may only read",
    );
  });

  test("a caller that has hung up is not root, though the kernel lists closed connections with uid 0", async () => {
    let done = 0;
    const routes = [
      aRoute("POST", "/do", "operate", () => ({ status: 200, contentType: "", body: `${++done}` })),
    ];
    await using listener = await openListener({ routes });
    // Ends without waiting for the answer, many times over, to hit the moment.
    const script = `exec 3<>/dev/tcp/127.0.0.1/${listener.port}; printf 'POST /do HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: 0\\r\\n\\r\\n' >&3; exec 3>&-`;
    const loop = `for i in $(seq 300); do ${script}; done`;
    await run([...asNobody, "bash", "-c", loop]);
    expect(await ask({ ...who, path: "/do", port: listener.port })).toMatchObject({ status: 200, body: "1" });
  });

  test("any user with a token that operates", async () => {
    await using listener = await openListener({ host });
    const { port } = listener;
    expect(await ask({ ...who, port, token: "good" })).toMatchObject({
      status: 200,
      body: "token ci: operate",
    });
    expect(await ask({ ...who, port, token: "look" })).toMatchObject({ status: 403 });
    expect(await ask({ ...who, port, token: "wrong" })).toMatchObject({
      status: 401,
      headers: { "www-authenticate": "Bearer" },
    });
    expect(await ask({ ...who, port, token: "x".repeat(1_000) })).toMatchObject({ status: 401 });
    expect(listener.refusedAt).toEqual(["http", "http"]);
  });

  test("no user over plain HTTP on a network or for metrics", async () => {
    for (const kind of ["insecure", "metrics"] as const) {
      await using listener = await openListener({
        host,
        endpoint: { kind, address: "127.0.0.1:0", flag: "-a" },
      });
      const { port } = listener;
      expect(await ask({ ...who, port })).toMatchObject({ status: 403 });
      expect(await ask({ ...who, port, token: "good" })).toMatchObject({ status: 403 });
      expect(await ask({ path: "/who", port })).toMatchObject({ status: 200, body: "anyone: read" });
    }
  });
});

describe("requests beyond the limits", () => {
  test("a body beyond 64 KiB is refused, and the connection ends", async () => {
    await using listener = await openListener();
    const { port } = listener;
    const fits = await ask({ ...who, port, body: JSON.stringify({ x: "x".repeat(60_000) }) });
    expect(fits).toMatchObject({ status: 400, body: expect.stringContaining("not as it should be") });
    const large = await ask({ ...who, port, body: "x".repeat(70_000) });
    expect(large).toMatchObject({ status: 413, headers: { connection: "close" } });
  });

  test("headers beyond 8 KiB are refused", async () => {
    await using listener = await openListener();
    const headers = { "x-large": "x".repeat(9_000) };
    expect(await ask({ path: "/who", port: listener.port, headers })).toMatchObject({ status: 431 });
  });

  test.each([
    ["something else than HTTP", "SSH-2.0-OpenSSH_9.2\r\n"],
    ["a length that is none", "POST /who HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n"],
    [
      "two lengths, which a proxy may read otherwise",
      "POST /who HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["a header with a line of its own", "GET /who HTTP/1.1\r\nHost: localhost\r\nX: a\nb\r\n\r\n"],
    ["a NUL", "GET /who\0 HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ])("%s is refused", async (_, bytes) => {
    await using listener = await openListener();
    expect(await sendRaw(listener.port, bytes)).toMatch(/^HTTP\/1\.1 400 /);
    expect(await ask({ path: "/who", port: listener.port })).toMatchObject({ status: 200 });
  });

  test.each([
    ["its headers", "GET /who HTTP/1.1\r\nHost: local"],
    ["its body", "POST /who HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx"],
  ])("a caller that does not end %s is disconnected", async (_, bytes) => {
    await using listener = await openListener({ requestTimeoutMs: 200 });
    expect(await sendRaw(listener.port, bytes)).toMatch(/^HTTP\/1\.1 408 /);
  });

  test("a second request before the first is answered ends the connection", async () => {
    const never = aRoute(
      "GET",
      "/never",
      "read",
      (_host, { signal }) => new Promise((_, reject) => signal.addEventListener("abort", reject)),
    );
    await using listener = await openListener({ routes: [never] });
    const one = "GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n";
    expect(await sendRaw(listener.port, one + one)).toBe("");
  });
});

describe("streams", () => {
  const streamOf = (body: (signal: AbortSignal) => AsyncIterable<string>) =>
    aRoute("GET", "/follow", "read", (_host, { signal }) => ({
      status: 200,
      contentType: "text/event-stream",
      body: body(signal),
    }));

  async function* untilAborted(signal: AbortSignal, told: { ended: boolean }) {
    yield "first\n";
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    told.ended = true;
  }

  test("what happens is sent at once, and ends when the caller hangs up", async () => {
    const told = { ended: false };
    await using listener = await openListener({ routes: [streamOf((signal) => untilAborted(signal, told))] });
    const sending = start({ path: "/follow", port: listener.port }).end();
    const [response] = (await once(sending, "response")) as [IncomingMessage];
    expect(response.headers).toMatchObject({ "content-type": "text/event-stream", connection: "close" });
    expect(String((await once(response, "data"))[0])).toBe("first\n");
    response.destroy();
    await expect.poll(() => told.ended).toBe(true);
  });

  test("the last event that was seen is passed on", async () => {
    const routes = [
      aRoute("GET", "/last", "read", (_host, { lastEventId }) => ({
        status: 200,
        contentType: "",
        body: `${lastEventId}`,
      })),
    ];
    await using listener = await openListener({ routes });
    const headers = { "last-event-id": "42" };
    expect(await ask({ path: "/last", port: listener.port, headers })).toMatchObject({ body: "42" });
    expect(await ask({ path: "/last", port: listener.port })).toMatchObject({ body: "null" });
  });

  test("a reader that does not read is hung up on, and little was kept for it", async () => {
    let sent = 0;
    let ended = false;
    async function* endless() {
      try {
        for (;;) {
          sent += 65_536;
          yield "x".repeat(65_536);
        }
      } finally {
        ended = true;
      }
    }
    const streams = { total: 4, each: 4, stallMs: 300, longestMs: 60_000 };
    await using listener = await openListener({ routes: [streamOf(endless)], streams });
    const socket = connect(listener.port, "127.0.0.1").on("error", () => {});
    socket.pause().write("GET /follow HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await expect.poll(() => ended, { timeout: 10_000 }).toBe(true);
    // What the kernel takes for a connection, and one piece more.
    expect(sent).toBeLessThan(16 * 1024 * 1024);
    socket.destroy();
  });

  test("a stream beyond the limit is refused, and admitted after another one has ended", async () => {
    const told = { ended: false };
    const streams = { total: 2, each: 1, stallMs: 1_000, longestMs: 60_000 };
    await using listener = await openListener({
      routes: [streamOf((signal) => untilAborted(signal, told))],
      streams,
    });
    const sending = start({ path: "/follow", port: listener.port }).end();
    const [response] = (await once(sending, "response")) as [IncomingMessage];
    expect(await ask({ path: "/follow", port: listener.port })).toMatchObject({ status: 503 });
    response.destroy();
    const again = async () => {
      const next = start({ path: "/follow", port: listener.port }).end();
      const [{ statusCode }] = (await once(next, "response")) as [IncomingMessage];
      next.destroy();
      return statusCode;
    };
    await expect.poll(again, { timeout: 10_000 }).toBe(200);
  });

  test("a stream has an end, after which its reader comes again", async () => {
    const told = { ended: false };
    const streams = { total: 4, each: 4, stallMs: 1_000, longestMs: 100 };
    await using listener = await openListener({
      routes: [streamOf((signal) => untilAborted(signal, told))],
      streams,
    });
    expect(await ask({ path: "/follow", port: listener.port })).toMatchObject({
      status: 200,
      body: "first\n",
    });
  });

  test("closing the listener ends them", async () => {
    const told = { ended: false };
    const listener = await openListener({ routes: [streamOf((signal) => untilAborted(signal, told))] });
    const reply = ask({ path: "/follow", port: listener.port });
    const sending = start({ path: "/follow", port: listener.port }).end();
    await once(sending, "response");
    await listener.close();
    expect(await reply).toMatchObject({ body: "first\n" });
  });
});

describe("many credentials that are not good", () => {
  const who = { path: "/who" };

  test("end in 429 and a hang-up, while a good one from the same address is served", async () => {
    await using listener = await openListener({ host });
    const { port } = listener;
    for (let i = 0; i < 30; i++)
      expect(await ask({ ...who, port, token: `bad-${i}` })).toMatchObject({ status: 401 });
    expect(await ask({ ...who, port, token: "bad" })).toMatchObject({
      status: 429,
      headers: { connection: "close" },
    });
    expect(await ask({ ...who, port, token: "good" })).toMatchObject({ status: 200 });
    expect(await ask({ ...who, port })).toMatchObject({ status: 200 });
    expect(listener.logged).toEqual(["a credential from 127.0.0.1 was refused (http)"]);
  });

  test("ten thousand of them leave a good client served, and the memory where it was", async () => {
    setFlagsFromString("--expose-gc");
    const gc: () => void = runInNewContext("gc");
    await using listener = await openListener({ host });
    const { port } = listener;
    const bad = async (from: number, to: number) => {
      for (let i = from; i < to; i++) {
        const localAddress = `127.0.${1 + (i % 50)}.${1 + (i % 200)}`;
        await ask({ ...who, port, token: `bad-${i}`, localAddress });
      }
    };
    const round = async (from: number) => {
      await Promise.all(Array.from({ length: 20 }, (_, i) => bad(from + i * 50, from + (i + 1) * 50)));
      expect(await ask({ ...who, port, token: "good" })).toMatchObject({
        status: 200,
        body: "token ci: operate",
      });
      gc();
      return process.memoryUsage().heapUsed;
    };
    const before = await round(0);
    let after = 0;
    for (let i = 1; i < 10; i++) after = await round(i * 1_000);
    expect(listener.refusedAt).toHaveLength(10_000);
    expect(listener.logged.length).toBeLessThanOrEqual(40);
    expect((after - before) / 1e6).toBeLessThan(4);
  }, 120_000);
});

test("a bug in a handler's stream is logged, and ends the reply", async () => {
  async function* broken() {
    yield "a";
    throw new Error("oops");
  }
  const routes = [
    ...whoRoutes,
    aRoute("GET", "/broken", "read", () => ({ status: 200, contentType: "", body: broken() })),
  ];
  await using listener = await openListener({ routes });
  await expect(ask({ path: "/broken", port: listener.port })).rejects.toThrow();
  expect(listener.logged).toEqual(["a reply ended early: Error: oops"]);
  expect(await ask({ path: "/who", port: listener.port })).toMatchObject({ status: 200 });
});
