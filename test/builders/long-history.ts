/** Many commits at once, for what only a long history has. */
import { type Commit, parseCommit } from "../../src/model/commit.ts";
import { run } from "../host/run.ts";
import type { Upstream } from "../host/upstream.ts";

/** Adds commits to `main`, each with a change to `path`, and returns all commits of the branch, newest first. */
export async function makeLongHistory(upstream: Upstream, path: string, count: number): Promise<Commit[]> {
  const from = await upstream.head();
  const stream = Array.from({ length: count }, (_, index) => {
    const text = String(index);
    const parent = index === 0 ? `from ${from}\n` : "";
    const committer = `committer A Tester <tester@example.org> ${1_700_000_000 + index} +0000`;
    const change = `M 100644 inline ${path}\ndata ${text.length}\n${text}\n`;
    return `commit refs/heads/main\n${committer}\ndata 0\n${parent}${change}`;
  });
  const input = `${stream.join("")}\n`;
  await run(["git", "-C", upstream.path, "fast-import", "--quiet", "--force"], { input });
  const { stdout } = await upstream.git("rev-list", "main");
  return stdout.split("\n").flatMap((line) => parseCommit(line) ?? []);
}
