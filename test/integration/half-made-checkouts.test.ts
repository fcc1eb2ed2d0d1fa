import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { askUpstream } from "../../src/git/fetch/poll-upstream.ts";
import type { Git } from "../../src/git/git.ts";
import { aCheckout, anUpstream, aStore, asked } from "./a-store.ts";

test("a fetch that meets a checkout that is half made is done again when that is there", async () => {
  const upstream = anUpstream("half-made", { "app/conf": "one\n" });
  const setup = aStore(upstream.path);
  const { store, tools } = setup;
  await askUpstream(store, ["main"], tools, asked);
  await aCheckout(setup, upstream.first, ["app"]);
  const head = join(store.path, "worktrees/app/HEAD");
  writeFileSync(head, `${"0".repeat(40)}\n`);
  const second = upstream.commit({ "app/conf": "two\n" });
  const git: Git = (place, args, options) => {
    if (args[0] === "worktree") writeFileSync(head, `${upstream.first}\n`);
    return setup.git(place, args, options);
  };
  const tips = await askUpstream(store, ["main"], { ...tools, git }, asked);
  expect(tips.get("main")).toBe(second);
});
