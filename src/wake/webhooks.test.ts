import { expect, test } from "vitest";
import type { BranchMove, Push } from "../model/webhook.ts";
import { wake } from "./webhooks.ts";

/** A loop with one service per branch; `pushed` has the moves that it got. */
function aLoop(upstream: string, services: Readonly<Record<string, string>>) {
  const pushed: BranchMove[] = [];
  return {
    pushed,
    group: { upstream, user: "root", services: [] },
    onPush(moves: readonly BranchMove[]) {
      pushed.push(...moves);
      return Object.keys(services).filter((name) => moves.some(({ branch }) => branch === services[name]));
    },
  };
}

const push = (branch = "main"): Push => ({
  repository: ["https://git.example.org/team/app.git", "git@git.example.org:team/app.git"],
  branches: [{ branch, before: null, after: null }],
});

const loops = () => [
  aLoop("ssh://git@git.example.org:2222/team/app.git", { web: "main", canary: "next" }),
  aLoop("https://git.example.org/team/app", { db: "main" }),
  aLoop("https://git.example.org/team/other.git", { mail: "main" }),
];

test("services of the repository that follow the branch are woken, whatever their form of its URL", () => {
  const given = loops();
  expect(wake({ upstreams: null }, push(), given)).toEqual({ woke: true, message: "woke db, web" });
  expect(given[2]?.pushed).toEqual([]);
  expect(wake({ upstreams: null }, push("next"), given)).toEqual({ woke: true, message: "woke canary" });
});

test("another branch, another repository and no branch wake no loop, and the answer says which", () => {
  const elsewhere = { ...push(), repository: ["https://evil.example.org/team/app.git"] };
  expect(wake({ upstreams: null }, push("x"), loops()).message).toBe('nothing here follows "x" now');
  expect(wake({ upstreams: null }, elsewhere, loops()).message).toBe(
    "nothing here comes from that repository",
  );
  expect(wake({ upstreams: null }, { ...push(), branches: [] }, loops()).message).toBe("it moves no branch");
  expect(wake({ upstreams: null }, { ...push(), repository: [] }, loops()).woke).toBe(false);
});

test("upstreams that are named are woken, and no others, wherever the push was", () => {
  const upstreams = ["https://git.example.org/team/other.git"];
  expect(wake({ upstreams }, push(), loops())).toEqual({ woke: true, message: "woke mail" });
});

test("an answer names some of many services", () => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`app${n}`, "main"]));
  const { message } = wake({ upstreams: null }, push(), [aLoop("git@git.example.org:team/app", many)]);
  expect(message).toMatch(/^woke app0, .* and 490 more$/);
});
