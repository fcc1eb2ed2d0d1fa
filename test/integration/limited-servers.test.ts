/** Upstreams that give less than others: git starts no more gits for them, and they are followed all the same. */
import { appendFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { FetchOptions } from "../../src/git/fetch/fetch.ts";
import { askUpstream } from "../../src/git/fetch/poll-upstream.ts";
import { kindOf } from "../../src/git/store/store-config.ts";
import type { Commit } from "../../src/model/commit.ts";
import { gitConfigPath } from "../../src/platform/files/state-paths.ts";
import { type Exec, exec } from "../../src/platform/process/exec.ts";
import { FakeClock } from "../builders/fake-clock.ts";
import { aDaemonSetup, runDaemonAt } from "./a-daemon.ts";
import { serveFiles } from "./a-file-server.ts";
import { aCheckout, anUpstream, aStore, asked, scratch } from "./a-store.ts";

/** Any git that is started, by whatever other one, says so to git's own trace. */
function counting() {
  const trace = join(scratch, "trace");
  rmSync(trace, { force: true });
  const run: Exec = (argv, options) =>
    exec(argv, { ...options, env: { ...options.env, GIT_TRACE2_EVENT: trace } });
  const started = () => readFileSync(trace, "utf8").match(/"event":"start"/g)?.length ?? 0;
  return { run, started };
}

type Upstream = ReturnType<typeof anUpstream>;

interface Server {
  /** Answers its URL; once more after each commit to `upstream`. */
  readonly publish: (upstream: Upstream, name: string) => Promise<string>;
  readonly kind: "partial" | "whole";
}

const full = ["uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"];

const shallow = (settings: readonly string[]) => async (upstream: Upstream, name: string) => {
  const path = join(scratch, `${name}.git`);
  rmSync(path, { recursive: true, force: true });
  upstream.git("clone", "-q", "--bare", "--depth=1", `file://${upstream.path}`, path);
  for (const setting of settings) upstream.git("-C", path, "config", setting, "true");
  return `file://${path}`;
};

let url: string | null = null;
const dumb = async (upstream: Upstream, name: string) => {
  const path = join(scratch, `${name}.git`);
  rmSync(path, { recursive: true, force: true });
  upstream.git("clone", "-q", "--bare", upstream.path, path);
  upstream.git("-C", path, "update-server-info");
  url ??= await serveFiles(scratch);
  return `${url}/${name}.git`;
};

const servers: Readonly<Record<string, Server>> = {
  "is shallow": { publish: shallow([]), kind: "whole" },
  "is shallow, and knows partial clones": { publish: shallow(full), kind: "partial" },
  "is a dumb HTTP server": { publish: dumb, kind: "whole" },
};

const gitsMax = 60;

test.each(Object.entries(servers))(
  "an upstream that %s is followed, with few gits",
  async (name, server) => {
    const directory = name.replaceAll(/\W/g, "-");
    const upstream = anUpstream(`of-${directory}`, { "app/conf": "0\n", other: "o\n" });
    upstream.commit({ "app/conf": "1\n" });
    const second = upstream.commit({ "app/conf": "2\n" });
    const { run, started } = counting();
    const setup = aStore(await server.publish(upstream, directory), run);
    const ask = (more: Partial<FetchOptions> = {}) =>
      askUpstream(setup.store, ["main"], setup.tools, { ...asked, ...more });
    const tips = await ask();
    expect(tips).toEqual(new Map([["main", second]]));
    expect(kindOf(setup.store)).toBe(server.kind);
    const { checkout } = await aCheckout(setup, second, ["app"]);
    expect(readFileSync(join(checkout, "app/conf"), "utf8")).toBe("2\n");

    upstream.commit({ "app/conf": "3\n" });
    const fourth = upstream.commit({ "app/conf": "4\n" });
    await server.publish(upstream, directory);
    expect(await ask({ known: tips })).toEqual(new Map([["main", fourth]]));
    const { checkout: other } = await aCheckout(setup, fourth, ["app"]);
    expect(readFileSync(join(other, "app/conf"), "utf8")).toBe("4\n");
    expect(started()).toBeLessThan(gitsMax);
  },
  60_000,
);

test("an upstream that has lost a file is an error, once", async () => {
  const upstream = anUpstream("lossy", { "app/conf": "lost\n", "app/else": "e\n" });
  for (const setting of full) upstream.git("config", setting, "true");
  const { run, started } = counting();
  const setup = aStore(`file://${upstream.path}`, run);
  await askUpstream(setup.store, ["main"], setup.tools, asked);
  const blob = upstream.git("rev-parse", "HEAD:app/conf");
  rmSync(join(upstream.path, ".git/objects", blob.slice(0, 2), blob.slice(2)));
  const before = started();
  const failed = aCheckout(setup, upstream.first as Commit, ["app"]);
  await expect(failed).rejects.toThrow(/^Cannot fetch files of "file:.*: .*not our ref/);
  expect(started() - before).toBeLessThan(20);
});

test("a store becomes whole when its server loses partial clones, and partial when it learns them", async () => {
  const upstream = anUpstream("changing", { "app/conf": "one\n", "other/big": "big\n" });
  const learn = (can: boolean) => {
    for (const setting of full) upstream.git("config", setting, String(can));
  };
  learn(true);
  const place = aDaemonSetup(`file://${upstream.path}`, new FakeClock("2026-11-24T12:00:00Z"));
  const { store } = place.setup;
  // As over a server of OpenSSH, which does not pass on that git speaks the newest one.
  appendFileSync(gitConfigPath(place.setup.stateDir), "[protocol]\n\tversion = 0\n");
  await using daemon = runDaemonAt(place);
  const has = async (commit: Commit) => {
    daemon.loop.requestPoll("app", "pull");
    await daemon.until(() => daemon.state().name === "OK" && daemon.commit() === commit);
    await daemon.loop.idle();
  };
  await has(upstream.first);
  expect(kindOf(store)).toBe("partial");

  learn(false);
  // Upstream thinks that the file is there: it was in a commit that the store has.
  await has(upstream.commit({ "app/big": "big\n", "other/x": "x\n" }));
  expect(daemon.file("app/big")).toBe("big\n");
  expect(kindOf(store)).toBe("whole");
  await has(upstream.commit({ "app/conf": "two\n" }));

  learn(true);
  place.clock.advance(25 * 60 * 60_000);
  await has(upstream.commit({ "app/conf": "three\n" }));
  await daemon.until(() => kindOf(store) === "partial");
  await has(upstream.commit({ "app/conf": "four\n" }));
  expect(daemon.file("app/conf")).toBe("four\n");
}, 60_000);
