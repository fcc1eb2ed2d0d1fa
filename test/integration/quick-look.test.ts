import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { QuickLook, refServerOf } from "../../src/git/fetch/quick-look.ts";
import type { Tips } from "../../src/git/fetch/tip-refs.ts";
import type { Exec } from "../../src/platform/process/exec.ts";
import { exec } from "../../src/platform/process/exec.ts";
import { makeUpstream } from "../host/upstream.ts";

const never = new AbortController().signal;
const account = { name: "root", uid: 0, gid: 0, home: "/root" };

function quickLookAt(upstream: string, way: { env?: NodeJS.ProcessEnv; exec?: Exec } = {}): QuickLook {
  return new QuickLook(refServerOf({ upstream, account }, { env: {}, exec, ...way }));
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

test("a branch that moved, went away or was never seen is git's to look at", async () => {
  const { upstream, served, tips } = await aServed();
  const quickLook = quickLookAt(served.url);
  await upstream.commit({ file: "two\n" });
  expect(await quickLook.isUnchanged(["main"], tips, never)).toBe(false);
  expect(await quickLook.isUnchanged(["next"], tips, never)).toBe(true);
  await upstream.deleteBranch("next");
  expect(await quickLook.isUnchanged(["next"], tips, never)).toBe(false);
  expect(await quickLook.isUnchanged(["other"], tips, never)).toBe(false);
});

test("of twelve looks in a row one is git's", async () => {
  const { served, tips } = await aServed();
  const quickLook = quickLookAt(served.url);
  const seen: boolean[] = [];
  for (let look = 0; look < 24; look++) seen.push(await quickLook.isUnchanged(["main"], tips, never));
  expect(seen.filter((quick) => !quick)).toHaveLength(2);
});

test("a server that is down is left to git for ten looks, one that wants a password for good", async () => {
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
  ["ssh://git@git.example.org/~alice/repo.git", {}],
  ["ssh://git@[::1]/repo.git", {}],
  ["git@git.example.org:it's.git", {}],
  ["/srv/repo.git", {}],
  ["https://git.example.org/repo.git", { https_proxy: "http://proxy:3128" }],
  ["https://git.example.org/repo.git", { ALL_PROXY: "socks5://proxy" }],
])("%s with %j is never asked", async (url, env) => {
  expect(await quickLookAt(url, { env }).isUnchanged(["main"], someTips, AbortSignal.abort())).toBe(false);
});

/** Runs on this host what ssh(1) would run on the other one. */
function overSsh(asked: { argv: readonly string[][] }, protocol: string): Exec {
  return async ([program = "", ...args], options) => {
    asked.argv = [...asked.argv, [program, ...args]];
    return exec(["sh", "-c", args.at(-1) ?? ""], {
      ...options,
      env: { ...options.env, GIT_PROTOCOL: protocol },
    });
  };
}

test.each(["version=2", ""])(
  "over ssh a server that is asked for %j tells what is unchanged",
  async (protocol) => {
    const { upstream, tips } = await aServed();
    const asked = { argv: [] };
    const url = `ssh://git@127.0.0.1:2222${upstream.dir}/repo.git`;
    const quickLook = quickLookAt(url, { exec: overSsh(asked, protocol) });
    expect(await quickLook.isUnchanged(["main", "next"], tips, never)).toBe(true);
    await upstream.commit({ file: "two\n" });
    expect(await quickLook.isUnchanged(["next"], tips, never)).toBe(true);
    expect(await quickLook.isUnchanged(["main", "next"], tips, never)).toBe(false);
    expect(asked.argv).toHaveLength(3);
  },
);

test.each([
  [
    "ssh://git@git.example.org:2222/a/b.git",
    ["-p", "2222", "git@git.example.org", "git-upload-pack '/a/b.git'"],
  ],
  ["ssh://git.example.org/a/b.git", ["git.example.org", "git-upload-pack '/a/b.git'"]],
  ["git@git.example.org:a/b.git", ["git@git.example.org", "git-upload-pack 'a/b.git'"]],
])("%s is asked as git would", async (url, argv) => {
  const asked: { argv: readonly string[][] } = { argv: [] };
  await quickLookAt(url, { exec: overSsh(asked, "") }).isUnchanged(["main"], someTips, never);
  const [words = []] = asked.argv;
  expect(words.slice(words.indexOf("-oSendEnv=GIT_PROTOCOL") + 1)).toEqual(argv);
});

test.each([
  ["says more than refs", "yes 003d"],
  ["says nothing of git's", "echo Welcome"],
])("over ssh a server that %s is git's to talk to, for good", async (_, command) => {
  let times = 0;
  const says: Exec = (_argv, options) => {
    times += 1;
    return exec(["sh", "-c", command], options);
  };
  const quickLook = quickLookAt("ssh://git@git.example.org/repo.git", { exec: says });
  for (let look = 0; look < 30; look++)
    expect(await quickLook.isUnchanged(["main"], someTips, never)).toBe(false);
  expect(times).toBe(1);
});
