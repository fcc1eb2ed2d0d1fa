import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { askUpstream } from "../../src/git/fetch/poll-upstream.ts";
import type { Git } from "../../src/git/git.ts";
import { aCheckout, anUpstream, aStore, asked } from "./a-store.ts";

test.each([
  { file: "HEAD", half: `${"0".repeat(40)}\n`, whole: (first: string) => `${first}\n` },
  { file: "commondir", half: "", whole: () => "../..\n" },
])(
  "a fetch that meets a checkout whose $file is half made is done again when that is there",
  async (made) => {
    const upstream = anUpstream(`half-made-${made.file}`, { "app/conf": "one\n" });
    const setup = aStore(upstream.path);
    const { store, tools } = setup;
    await askUpstream(store, ["main"], tools, asked);
    await aCheckout(setup, upstream.first, ["app"]);
    const file = join(store.path, "worktrees/app", made.file);
    writeFileSync(file, made.half);
    const second = upstream.commit({ "app/conf": "two\n" });
    const git: Git = (place, args, options) => {
      if (args[0] === "worktree") writeFileSync(file, made.whole(upstream.first));
      return setup.git(place, args, options);
    };
    const tips = await askUpstream(store, ["main"], { ...tools, git }, asked);
    expect(tips.get("main")).toBe(second);
  },
);
