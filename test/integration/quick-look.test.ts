import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { QuickLook, refServerOf } from "../../src/git/fetch/quick-look.ts";
import type { Tips } from "../../src/git/types.ts";
import { makeUpstream } from "../host/upstream.ts";

const never = new AbortController().signal;

function quickLookAt(upstream: string, env: NodeJS.ProcessEnv = {}): QuickLook {
  return new QuickLook(refServerOf(upstream, env));
}

const someTips: Tips = new Map([["main", "a".repeat(40) as never]]);

async function aServed() {
  const upstream = await makeUpstream({ files: { file: "one\n" }, branches: ["next"] });
  onTestFinished(() => upstream.dispose());
  const served = await upstream.serve();
  const tips: Tips = new Map([
    ["main", await upstream.head()],
    ["next", await upstream.head("next")],
  ]);
  return { upstream, served, tips };
}

test("branches that are where they were are unchanged, at the price of one request", async () => {
  const { served, tips } = await aServed();
  const quickLook = quickLookAt(served.url);
  expect(await quickLook.isUnchanged(["main", "next"], tips, never)).toBe(true);
  expect(served.requests).toEqual([
    "GET /repo.git/info/refs?service=git-upload-pack",
    "POST /repo.git/git-upload-pack",
  ]);
  served.requests.length = 0;
  expect(await quickLook.isUnchanged(["next"], tips, never)).toBe(true);
  expect(served.requests).toEqual(["POST /repo.git/git-upload-pack"]);
});

test("a branch that moved, disappeared or is unknown is left to git", async () => {
  const { upstream, served, tips } = await aServed();
  const quickLook = quickLookAt(served.url);
  await upstream.commit({ file: "two\n" });
  expect(await quickLook.isUnchanged(["main"], tips, never)).toBe(false);
  expect(await quickLook.isUnchanged(["next"], tips, never)).toBe(true);
  await upstream.deleteBranch("next");
  expect(await quickLook.isUnchanged(["next"], tips, never)).toBe(false);
  expect(await quickLook.isUnchanged(["other"], tips, never)).toBe(false);
});

test("git does one of twelve polls in a row", async () => {
  const { served, tips } = await aServed();
  const quickLook = quickLookAt(served.url);
  const seen: boolean[] = [];
  for (let look = 0; look < 24; look++) seen.push(await quickLook.isUnchanged(["main"], tips, never));
  expect(seen.filter((quick) => !quick)).toHaveLength(2);
});

test("after a failure git does the next ten polls, and for a server that requires a password all of them", async () => {
  const { served, tips } = await aServed();
  const [tried, refused] = [quickLookAt(served.url), quickLookAt(served.url)];
  served.deny();
  expect(await refused.isUnchanged(["main"], tips, never)).toBe(false);
  await served.down();
  expect(await tried.isUnchanged(["main"], tips, never)).toBe(false);
  await served.up();
  served.requests.length = 0;
  for (let look = 0; look < 10; look++) expect(await tried.isUnchanged(["main"], tips, never)).toBe(false);
  for (let look = 0; look < 50; look++) expect(await refused.isUnchanged(["main"], tips, never)).toBe(false);
  expect(served.requests).toEqual([]);
  expect(await tried.isUnchanged(["main"], tips, never)).toBe(true);
});

const advertisement = "application/x-git-upload-pack-advertisement";
const answers: readonly (readonly [string, RequestListener])[] = [
  ["a redirect", (_, response) => response.writeHead(302, { Location: "/other" }).end()],
  ["a busy server", (_, response) => response.writeHead(503).end()],
  ["a web page", (_, response) => response.end("<html>")],
  ["a dumb server", (_, response) => response.writeHead(200, { "Content-Type": "text/plain" }).end("x")],
  ["garbage", (_, response) => response.writeHead(200, { "Content-Type": advertisement }).end("zzzz")],
  [
    "an endless answer",
    (_, response) => {
      response.writeHead(200, { "Content-Type": advertisement });
      response.on("drain", () => response.write("x".repeat(65_536))).write("x".repeat(65_536));
    },
  ],
  ["a hang-up", (_, response) => response.destroy()],
];

test.each(answers)("%s is git's to talk to", async (_, answer) => {
  const server = createServer(answer).listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const quickLook = quickLookAt(`http://127.0.0.1:${port}/repo.git`);
  expect(await quickLook.isUnchanged(["main"], someTips, never)).toBe(false);
});

test("a stop ends the wait for a server that hangs", async () => {
  const { served, tips } = await aServed();
  served.hang();
  const stopping = new AbortController();
  const looking = quickLookAt(served.url).isUnchanged(["main"], tips, stopping.signal);
  await expect.poll(() => served.requests.length).toBe(1);
  stopping.abort();
  expect(await looking).toBe(false);
});

test.each([
  ["https://user:word@git.example.org/repo.git", {}],
  ["ssh://git@git.example.org/repo.git", {}],
  ["git@git.example.org:repo.git", {}],
  ["/srv/repo.git", {}],
  ["https://git.example.org/repo.git", { https_proxy: "http://proxy:3128" }],
  ["https://git.example.org/repo.git", { ALL_PROXY: "socks5://proxy" }],
])("%s with %j is always left to git", async (url, env) => {
  expect(await quickLookAt(url, env).isUnchanged(["main"], someTips, AbortSignal.abort())).toBe(false);
});
