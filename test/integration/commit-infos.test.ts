/** The commits of deployments: all of a page with one git. */
import { expect, test } from "vitest";
import { askUpstream } from "../../src/git/fetch/poll-upstream.ts";
import type { Git } from "../../src/git/git.ts";
import { commitInfos } from "../../src/git/history/log.ts";
import type { Commit } from "../../src/model/commit.ts";
import { anUpstream, aStore, asked } from "./a-store.ts";

test("a page of commits takes one git, and those that are gone are left out", async () => {
  const upstream = anUpstream("infos", { "app/a": "one\n" });
  const second = upstream.commit({ "app/a": "two\n" });
  const { store, tools, git } = aStore(upstream.path);
  await askUpstream(store, ["main"], tools, asked);
  const runs: (readonly string[])[] = [];
  const counted: Git = (place, args, options) => {
    runs.push(args);
    return git(place, args, options);
  };
  const gone = ["d".repeat(40), "d".repeat(64)] as Commit[];
  const infos = await commitInfos(store, [second, ...gone, upstream.first, second], counted);
  expect([...infos.keys()].sort()).toEqual([upstream.first, second].sort());
  expect(infos.get(second)).toMatchObject({ subject: "change", author: "t" });
  expect(runs).toHaveLength(1);
  const page = Array.from({ length: 500 }, (_, index) => index.toString(16).padStart(40, "0") as Commit);
  expect((await commitInfos(store, [...page, second], counted)).size).toBe(1);
});
