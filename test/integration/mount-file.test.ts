import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { run } from "../host/run.ts";
import { makeTempDir } from "../host/temp-dir.ts";

test("poll(2) reports each mount, remount and unmount once, and nothing else", async () => {
  const dir = makeTempDir("mount-file");
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const script = join(import.meta.dirname, "mount-changes.ts");
  const node = [process.execPath, "--disable-warning=ExperimentalWarning", script, dir];
  const { stdout } = await run(["unshare", "--mount", "--propagation", "private", ...node]);
  expect(JSON.parse(stdout)).toEqual({
    nothing: [false, false],
    mount: [true, false],
    remount: [true, false],
    unmount: [true, false],
  });
});
