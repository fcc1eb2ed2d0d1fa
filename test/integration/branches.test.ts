/** The trouble of one branch stays with those that follow it. */
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { askUpstream } from "../../src/git/fetch/poll-upstream.ts";
import type { Problem } from "../../src/model/problem.ts";
import { anUpstream, aStore, asked } from "./a-store.ts";

test("a branch is replaced by one below its name, and the other way round", async () => {
  const upstream = anUpstream("canaries", { "app/conf": "one\n" });
  const { store, tools } = aStore(upstream.path);
  const ask = (...branches: string[]) => askUpstream(store, branches, tools, asked);
  upstream.git("branch", "canary");
  expect([...(await ask("main", "canary")).keys()].sort()).toEqual(["canary", "main"]);

  upstream.git("branch", "-D", "canary");
  upstream.git("branch", "canary/web");
  expect([...(await ask("main", "canary")).keys()]).toEqual(["main"]);
  expect([...(await ask("main", "canary", "canary/web")).keys()].sort()).toEqual(["canary/web", "main"]);

  upstream.git("branch", "-D", "canary/web");
  upstream.git("branch", "canary");
  const second = upstream.commit({ "app/conf": "two\n" });
  const tips = await ask("main", "canary", "canary/web");
  expect(tips).toEqual(new Map([["main", second] as const, ["canary", upstream.first] as const]));
});

test("a ref with slashes in its name, as in older stores, conflicts with no other ref", async () => {
  const upstream = anUpstream("older", { "app/conf": "one\n" });
  const { store, tools } = aStore(upstream.path);
  await askUpstream(store, ["main"], tools, asked);
  const git = (...args: string[]) => execFileSync("git", [`--git-dir=${store.path}`, ...args]);
  git("update-ref", "refs/remotes/origin/canary/web", upstream.first);
  upstream.git("branch", "canary");
  const tips = await askUpstream(store, ["main", "canary"], tools, asked);
  expect(tips.get("canary")).toBe(upstream.first);
});

test("a branch that upstream has damaged keeps no other branch back", async () => {
  const upstream = anUpstream("half", { "app/conf": "one\n" });
  upstream.git("checkout", "-qb", "canary");
  upstream.commit({ "canary/conf": "c\n" });
  const tree = upstream.git("rev-parse", "HEAD:canary");
  upstream.git("checkout", "-q", "main");
  const second = upstream.commit({ "app/conf": "two\n" });
  rmSync(join(upstream.path, ".git/objects", tree.slice(0, 2), tree.slice(2)));
  const { store, tools } = aStore(upstream.path);
  const troubles = new Map<string, Problem>();
  const onTrouble = (branch: string, problem: Problem) => void troubles.set(branch, problem);
  const tips = await askUpstream(store, ["canary", "main"], tools, { ...asked, onTrouble });
  expect(tips).toEqual(new Map([["main", second]]));
  expect([...troubles.keys()]).toEqual(["canary"]);
  expect(troubles.get("canary")?.message).toMatch(/^Cannot follow branch "canary": Cannot fetch "/);
});
