import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../host/run.ts";
import { makeTempDir } from "../host/temp-dir.ts";
import type { ReleaseCases } from "./release-cases.ts";
import type { ReleaseKills } from "./release-steps.ts";

const scratch = makeTempDir("release");
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** In a mount namespace whose root is shared, as systemd has it, with backups of its own. */
async function inNamespace<T>(script: string): Promise<T> {
  const node = [process.execPath, "--disable-warning=ExperimentalWarning"];
  const dir = join(scratch, script);
  mkdirSync(dir);
  const prepare =
    'mount --make-rshared / && mkdir -p /var/backups && mount -t tmpfs tmpfs /var/backups && exec "$@"';
  const inside = ["sh", "-c", prepare, "sh", ...node, join(import.meta.dirname, script), dir];
  const { stdout } = await run(["unshare", "--mount", "--propagation", "private", ...inside], {
    timeoutMs: 390_000,
  });
  return JSON.parse(stdout) as T;
}

test("killed at any step, it leaves the files as they are, and the next run completes it", {
  timeout: 400_000,
}, async () => {
  const { kills, faults } = await inNamespace<ReleaseKills>("release-steps.ts");
  expect(faults).toEqual([]);
  expect(kills).toBeGreaterThan(40);
});

describe("places of every kind", () => {
  let cases: ReleaseCases;
  beforeAll(async () => {
    cases = await inNamespace<ReleaseCases>("release-cases.ts");
  }, 60_000);

  test.each([
    ["a file system is mounted beneath", "own", "volume"],
    ["the whole repository is mounted", "", ""],
    ["the mount is read-only", "file", ""],
    ["the hidden files are the same", "", ""],
    ["it is mounted twice", "", ""],
    ["the service's user owns the directory around it", "file", ""],
    ["mounts inside it were made before it", "a.conf own", ""],
    ["it is on an overlay, which renames no directory of a lower layer", "deep own", "750"],
  ])("the files take the place of the mount: %s", (name, kept, said) => {
    expect(cases.results[name]).toEqual({ fault: "", same: true, mounted: false, kept, said });
  });

  test.each([
    ["something is mounted inside", /"\/etc\/app\/sub" is a mount too; release or unmount that first$/],
    ["something is mounted over it", /something else is mounted over it; unmount that$/],
    [
      "something is mounted on a hidden directory",
      /something is mounted beneath it at "\S*\/etc\/app\/data"; unmount both, or reboot$/,
    ],
    [
      "the hidden file has another name",
      /has other names, as hard links; unmount it and put a copy in its place$/,
    ],
    [
      "the disk is full",
      /"\/etc\/app": its file system needs 16 MB more for a copy; make room there; Cannot/,
    ],
  ])("it is refused, and nothing changes: %s", (name, fault) => {
    const { said: _, ...seen } = cases.results[name] ?? { said: "" };
    expect(seen).toEqual({ fault: expect.stringMatching(fault), same: true, mounted: true, kept: "" });
  });

  test("files that an interrupted release has not put in place are kept in the checkout", () => {
    expect(cases.results["a release was interrupted, and the host has booted since"]).toMatchObject({
      fault: expect.stringMatching(/a release was interrupted there; start gitopper, and release it again$/),
      said: "co/app:\n.git\napp\nfile\n\netc/app:\n.gitopper-release",
    });
  });

  test("what was hidden is in its place again after a refusal", () => {
    expect(cases.results["something is mounted on a hidden directory"]?.said).toBe("data");
    expect(cases.results["the hidden file has another name"]?.said).toBe("shared");
  });

  test("programs that copy follow no symlink that the service's user puts in their way", () => {
    expect(cases.swapped).toBe("plain\ncat: /proc/self/fd/3/sub/s.conf: Too many levels of symbolic links\n");
  });
});
