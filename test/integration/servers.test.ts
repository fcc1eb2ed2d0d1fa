import { once } from "node:events";
import { createServer as createHttp, type RequestListener } from "node:http";
import { createServer as createHttps } from "node:https";
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { askUpstream } from "../../src/git/fetch/poll-upstream.ts";
import { Throttled } from "../../src/git/fetch/throttled.ts";
import { createGit, foregroundPace } from "../../src/git/git.ts";
import type { Problem } from "../../src/model/problem.ts";
import { gitConfigPath } from "../../src/platform/files/state-paths.ts";
import { exec } from "../../src/platform/process/exec.ts";
import { makeSelfSigned } from "../../src/server/tls/self-signed.ts";
import { FakeClock } from "../builders/fake-clock.ts";
import { aDaemonSetup, runDaemonAt } from "./a-daemon.ts";
import { aStore, asked } from "./a-store.ts";

async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket.on("error", () => {})));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const http = async (answer: RequestListener) =>
  `http://127.0.0.1:${await listening(createHttp(answer))}/r.git`;
const status = (code: number, headers = {}) => http((_, response) => response.writeHead(code, headers).end());
const tcp = (scheme: string, greet: (socket: Socket) => void) => async () =>
  `${scheme}://127.0.0.1:${await listening(createTcp(greet))}/r.git`;

async function selfSigned(): Promise<string> {
  const { key, cert } = makeSelfSigned(["x"], [], new Date());
  const server = createHttps({ key, cert }, (_, response) => response.end());
  return `https://127.0.0.1:${await listening(server)}/r.git`;
}

const advertisement = "001e# service=git-upload-pack\n0000000eversion 2\n";
const smart = { "Content-Type": "application/x-git-upload-pack-advertisement" };

/** What an upstream does, and what people read then. */
const table: Readonly<Record<string, [() => Promise<string>, RegExp]>> = {
  "refuses connections": [async () => "http://127.0.0.1:9/r.git", /Failed to connect to 127\.0\.0\.1 port 9/],
  "has a name that nobody knows": [
    async () => "http://nowhere.invalid/r.git",
    /Could not resolve host: nowhere\.invalid/,
  ],
  "takes HTTP and never answers": [() => http(() => {}), /no word for 1 s/],
  "takes git:// and never answers": [tcp("git", () => {}), /no word for 1 s/],
  "takes ssh and never answers": [tcp("ssh", () => {}), /no word for 1 s/],
  "stops in the middle of an answer": [
    () => http((_, response) => response.writeHead(200, smart).write(advertisement)),
    /no word for 1 s/,
  ],
  "hangs up in the middle of an answer": [
    () =>
      http((_, response) =>
        response
          .writeHead(200, { ...smart, "Content-Length": "900" })
          .write(advertisement, () => response.destroy()),
      ),
    /transfer closed|Recv failure|expected flush|unexpected disconnect/,
  ],
  "answers with a web page": [
    () =>
      http((_, response) =>
        response.writeHead(200, { "Content-Type": "text/html" }).end("<html>\n<body>\nHello\n"),
      ),
    /not valid: is this a git repository\?/,
  ],
  "sends garbage as git": [
    () => http((_, response) => response.writeHead(200, smart).end("\u0000garbage\n")),
    /invalid|protocol error|bad line length/,
  ],
  "sends garbage over git://": [
    tcp("git", (socket) => socket.end("garbage and more\n")),
    /protocol error: bad line length/,
  ],
  "sends garbage over ssh": [
    tcp("ssh", (socket) => socket.end("garbage and more\n".repeat(2_000))),
    /Could not read from remote repository/,
  ],
  "has a certificate that nobody vouches for": [selfSigned, /certificate/],
  "speaks no TLS": [async () => (await status(200)).replace("http:", "https:"), /SSL|TLS|wrong version/i],
  "answers 401": [() => status(401, { "WWW-Authenticate": 'Basic realm="x"' }), /wants other credentials/],
  "answers 403": [() => status(403), /returned error: 403/],
  "answers 404": [() => status(404), /not found/],
  "answers 429": [() => status(429), /returned error: 429/],
  "answers 500": [() => status(500), /returned error: 500/],
  "answers 503": [() => status(503), /returned error: 503/],
  "redirects for ever": [
    () => http((request, response) => response.writeHead(302, { Location: request.url }).end()),
    /redirect/i,
  ],
};

function aHastyStore(upstream: string) {
  const setup = aStore(upstream);
  const git = createGit({
    exec,
    globalConfig: gitConfigPath(setup.stateDir),
    onRun: () => {},
    pace: { ...foregroundPace, silenceMs: 1_000 },
  });
  return { store: setup.store, tools: { ...setup.tools, git } };
}

const failureOf = async (upstream: string, more = {}): Promise<Problem> => {
  const { store, tools } = aHastyStore(upstream);
  return askUpstream(store, ["main"], tools, { ...asked, ...more }).then(
    () => expect.fail("it should not work"),
    (error) => error,
  );
};

test.each(Object.entries(table))("an upstream that %s", async (_, [upstream, words]) => {
  const url = await upstream();
  const { message, part } = await failureOf(url);
  expect(message).toMatch(words);
  expect(message.startsWith(`Cannot fetch ${JSON.stringify(url)}: `), message).toBe(true);
  expect(message).not.toContain("\n");
  expect(part).toBe("git");
});

test("for how long a server wants to be left alone is found out with the next request, and no further one", async () => {
  let requests = 0;
  const upstream = await http((_, response) => {
    requests += 1;
    response.writeHead(429, { "Retry-After": "120" }).end();
  });
  const first = await failureOf(upstream);
  expect(first).toMatchObject({ name: "Throttled", forMs: null });
  const second = (await failureOf(upstream, { wasThrottled: true })) as Throttled;
  expect(second).toBeInstanceOf(Throttled);
  expect(second.forMs).toBe(120_000);
  expect(second.message).toMatch(/returned error: 429; it asks to be left alone for 2m$/);
  expect(requests).toBe(2);
});

test("the daemon does not poll an upstream for as long as that requests, and says when it polls again", async () => {
  let requests = 0;
  const upstream = await http((_, response) => {
    requests += 1;
    response.writeHead(503, { "Retry-After": "1200" }).end();
  });
  const clock = new FakeClock("2026-11-24T12:00:00Z");
  await using daemon = runDaemonAt(aDaemonSetup(upstream, clock));
  const nextPoll = () => daemon.loop.pollTimes("app").nextPollAt?.toISOString() ?? null;
  await daemon.until(() => requests === 1 && nextPoll() !== null);
  clock.advance(5_000);
  await daemon.until(() => JSON.stringify(daemon.state()).includes("left alone for 20m"));
  await daemon.until(() => nextPoll() !== null);
  expect(nextPoll()).toBe("2026-11-24T12:20:05.000Z");
  clock.advance(1_199_000);
  await daemon.loop.idle();
  expect(requests).toBe(2);
  clock.advance(1_000);
  await daemon.until(() => requests === 3);
});
