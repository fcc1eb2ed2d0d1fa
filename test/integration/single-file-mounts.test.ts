import { rmSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { run } from "../host/run.ts";
import { makeTempDir } from "../host/temp-dir.ts";
import type { SwapMethod, Swaps } from "./single-file-swaps.ts";

const scratch = makeTempDir("swaps");
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const [major = 0, minor = 0] = release().split(".").map(Number);
const kernelPutsBeneath = major > 6 || (major === 6 && minor >= 5);

/** In a mount namespace whose root is shared, as systemd has it, and whose changes are invisible outside. */
async function swaps(way: SwapMethod, count: number): Promise<Swaps> {
  const script = join(import.meta.dirname, "single-file-swaps.ts");
  const node = [process.execPath, "--disable-warning=ExperimentalWarning", script];
  const prepare = 'mount --make-rshared / && mount -t tmpfs -o nosuid,nodev tmpfs "$0" && exec "$@"';
  const inside = ["sh", "-c", prepare, scratch, ...node, way, String(count), scratch];
  const { stdout } = await run(["unshare", "--mount", "--propagation", "private", ...inside]);
  return JSON.parse(stdout) as Swaps;
}

const lastOf = (count: number) => `version ${count}\n`.repeat(200);
/** One mount, and what its source forbids it forbids too. */
const oneMount = [["ro", "nosuid", "nodev", "relatime"]];

test.runIf(kernelPutsBeneath)("a reader of a mounted file sees no hole when it is replaced", async () => {
  const seen = await swaps("beneath", 500);
  expect(seen).toMatchObject({ beneath: true, badReads: 0, text: lastOf(500), mounts: oneMount });
  expect(seen.reads).toBeGreaterThan(500 * 20);
});

test.each<SwapMethod>(["two calls", "programs", "forbidden"])(
  "where that cannot be done (%s) it is replaced all the same",
  async (way) => {
    const { beneath, text, mounts } = await swaps(way, 20);
    expect({ beneath, text, mounts }).toEqual({ beneath: false, text: lastOf(20), mounts: oneMount });
  },
);
