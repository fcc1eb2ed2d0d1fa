import { once } from "node:events";
import { mkdtempSync, readFileSync } from "node:fs";
import type { Server } from "node:http";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findAccounts } from "../../src/host/accounts.ts";
import { HostFault } from "../../src/model/problem.ts";
import { exec } from "../../src/platform/process/exec.ts";
import { freePort } from "../host/port.ts";
import { makeCa } from "./a-ca.ts";
import { aProbe, aServer, http, listen, running, verdict } from "./a-verification.ts";

/** However the other side does it. */
async function untilHungUp(server: Server): Promise<void> {
  const [socket] = await once(server, "connection");
  await new Promise((resolve) => socket.on("error", () => {}).once("close", resolve));
}

describe("http", () => {
  test("status and body have to match the config, and the failure has the answer", async () => {
    await using server = await aServer((request, response) => {
      response.writeHead(request.url === "/ok" ? 200 : 503).end("the pool is\nexhausted\n");
    });
    const ask = async (path: string, status?: number, body?: string) =>
      verdict({ probes: [aProbe(http(server.url + path, status, body))] });
    expect(await ask("/ok")).toBeNull();
    expect(await ask("/ok", 200, "^the .* is$|exhausted")).toBeNull();
    expect(await ask("/", 503)).toBeNull();
    const down = await ask("/");
    expect(down?.message).toBe(`http ${server.url}/ answered 503 instead of 200`);
    expect(down?.evidence).toEqual({ output: "the pool is\nexhausted\n", journal: "" });
    expect((await ask("/ok", 200, "ready"))?.message).toBe(`http ${server.url}/ok answered without /ready/`);
  });

  test("a redirect is an answer, and is not followed", async () => {
    const asked: string[] = [];
    await using server = await aServer((request, response) => {
      asked.push(request.url ?? "");
      response.writeHead(302, { location: "/elsewhere" }).end();
    });
    expect(await verdict({ probes: [aProbe(http(server.url, 302))] })).toBeNull();
    expect((await verdict({ probes: [aProbe(http(server.url))] }))?.message).toMatch(/302 instead of 200$/);
    expect(new Set(asked)).toEqual(new Set(["/"]));
  });

  test("of a body without an end the first 64 KiB are read, and the last 4 KiB of them are kept", async () => {
    await using server = await aServer((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write("x".repeat(16_384)));
      };
      response.on("drain", more);
      more();
    });
    const hungUp = untilHungUp(server.server);
    const problem = await verdict({ probes: [aProbe(http(server.url, 200, "y"))] });
    expect(problem?.message).toMatch(/answered without \/y\/ in its first 64 KiB$/);
    expect(problem?.evidence?.output).toBe("x".repeat(4_096));
    await hungUp;
  });

  test("a pattern that would take for ever over a body is given up, and the daemon goes on", async () => {
    await using server = await aServer((_, response) => response.end("a".repeat(60_000)));
    const problem = await verdict({ probes: [aProbe(http(server.url, 200, "(a+)+b"))] });
    expect(problem?.message).toMatch(/answered, and \/\(a\+\)\+b\/ took longer than 100 ms on it$/);
  });

  test("a server that never answers is hung up on", async () => {
    await using server = await aServer(() => {});
    const hungUp = untilHungUp(server.server);
    const problem = await verdict({ probes: [aProbe(http(server.url), { timeoutMs: 100 })] });
    expect(problem?.message).toBe(`http ${server.url} gave no answer within 100ms`);
    await hungUp;
  });

  test("any certificate is accepted on loopback, and only a valid one elsewhere", async () => {
    const { cert, key } = await makeCa(mkdtempSync(join(tmpdir(), "gitopper-probe-")), "nobody");
    const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (_, response) => {
      response.end("well");
    });
    const port = await listen(server);
    try {
      const ask = (host: string) => verdict({ probes: [aProbe(http(`https://${host}:${port}/`))] });
      expect(await ask("127.0.0.1")).toBeNull();
      expect(await ask("localhost")).toBeNull();
      // The same place, by a name that does not say so.
      expect((await ask("[::ffff:127.0.0.1]"))?.message).toMatch(/ failed: .*certificate/);
    } finally {
      server.close();
    }
  });
});

test("tcp: the connection has to be accepted", async () => {
  await using server = await aServer(() => {});
  const ask = (port: number, host = "127.0.0.1") =>
    verdict({ probes: [aProbe({ kind: "tcp", host, port })] });
  expect(await ask(server.port)).toBeNull();
  const free = await freePort();
  expect((await ask(free))?.message).toBe(`tcp 127.0.0.1:${free} refused the connection`);
  expect((await ask(free, "localhost"))?.message).toBe(`tcp localhost:${free} refused the connection`);
  expect((await ask(free, "::1"))?.message).toMatch(new RegExp(`^tcp \\[::1\\]:${free} `));
});

test("unit: another unit has to be active", async () => {
  const observeUnit = async (unit: string) =>
    unit === "db" ? running : { ...running, active: "failed", sub: "failed" };
  const ask = (unit: string) => verdict({ probes: [aProbe({ kind: "unit", unit })], ports: { observeUnit } });
  expect(await ask("db")).toBeNull();
  expect((await ask("cache"))?.message).toBe("unit cache is failed (failed) instead of active");
});

describe("command", () => {
  const run = (script: string, changes = {}) =>
    aProbe({ kind: "command", argv: ["sh", "-c", script] }, changes);

  test("it has to end with 0; the failure has the end of what it said", async () => {
    expect(await verdict({ probes: [run("true")] })).toBeNull();
    const problem = await verdict({ probes: [run("seq 5000; echo no route >&2; exit 3")] });
    expect(problem?.message).toMatch(/^command sh -c seq 5000; .* ended with status 3: no route$/);
    expect(problem?.evidence?.output).toMatch(/\n4999\n5000\nno route\n$/);
    expect(problem?.evidence?.output.length).toBeLessThanOrEqual(4_096);
  });

  test("one that takes too long is ended with all that it has started", async () => {
    const problem = await verdict({ probes: [run("echo slow >&2; sleep 1117 & wait", { timeoutMs: 300 })] });
    expect(problem?.message).toMatch(/ failed: no end after 0\.3 s: slow$/);
    expect(problem?.evidence?.output).toBe("slow\n");
    await expect
      .poll(() => exec(["pgrep", "-f", "sleep 1117"], { timeoutMs: 5_000, okStatus: [1] }))
      .toBeTruthy();
  });

  test.skipIf(process.getuid?.() !== 0)("it runs as the service's user, with that user's home", async () => {
    const account = (await findAccounts(["nobody"], exec)).get("nobody");
    const problem = await verdict({
      probes: [run('id -un; echo "$HOME"; exit 1')],
      ...(account && { account }),
    });
    expect(problem?.evidence?.output).toBe(`nobody\n${account?.home}\n`);
  });

  test("one that is not there is named", async () => {
    const problem = await verdict({ probes: [aProbe({ kind: "command", argv: ["/no/such/program"] })] });
    expect(problem?.message).toMatch(/^command \/no\/such\/program cannot be run: .*No such file/);
    // It says nothing about the commit.
    expect(problem).toBeInstanceOf(HostFault);
  });
});
