import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { publishStage } from "../../src/git/checkout/publish.ts";
import type { AbsPath } from "../../src/model/path.ts";
import { exec } from "../../src/platform/process/exec.ts";

const scratch = mkdtempSync(join(tmpdir(), "gitopper-root-"));
chmodSync(scratch, 0o755);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const account = { name: "nobody", uid: 65_534, gid: 65_534, home: "/" };
const asRoot = test.skipIf(process.getuid?.() !== 0);

/** A checkout and a stage of the user nobody, and a directory of root's with files of the same names. */
function aScene() {
  const top = mkdtempSync(join(scratch, "scene-"));
  chmodSync(top, 0o755);
  const at = (path: string) => join(top, path) as AbsPath;
  const own = (path: string) => chownSync(at(path), account.uid, account.gid);
  const write = (path: string, text: string) => {
    writeFileSync(at(path), text);
    own(path);
  };
  for (const path of ["live", "live/d", "live/d/e", "tree", "tree/d", "tree/d/e", "trash"]) {
    mkdirSync(at(path));
    own(path);
  }
  const fill = () => {
    for (const path of ["d/a", "d/e/a"]) write(`tree/${path}`, "new\n");
    for (const path of ["d/a", "d/gone", "d/e/a", "d/e/gone"]) write(`live/${path}`, "old\n");
  };
  mkdirSync(at("victim/e"), { recursive: true });
  const secret = ["a", "gone", "e/a", "e/gone"];
  for (const path of secret) writeFileSync(at(`victim/${path}`), "root's\n");
  const victim = () =>
    secret.map((path) => readFileSync(at(`victim/${path}`), "utf8")).concat(readdirSync(at("victim")).sort());
  const stage = { tree: at("tree"), trash: at("trash"), removed: ["d/gone", "d/e/gone"] };
  const publish = async (yieldToEventLoop = async () => {}) => {
    using changed = await publishStage({ checkout: at("live"), account }, stage, { exec, yieldToEventLoop });
    await changed.flush(exec);
  };
  return { at, fill, publish, victim };
}

asRoot(
  "at no moment does a symlink in place of a directory lead root to another's files",
  async () => {
    for (const swapped of ["live/d", "live/d/e", "tree/d", "tree/d/e", "trash"]) {
      for (let moment = 0; moment < 20; moment += 1) {
        const { at, fill, publish, victim } = aScene();
        fill();
        const before = victim();
        let left = moment;
        const swap = async () => {
          left -= 1;
          if (left !== -1 || statSync(at(swapped), { throwIfNoEntry: false }) === undefined) return;
          renameSync(at(swapped), at("aside"));
          symlinkSync(at(swapped.endsWith("e") ? "victim/e" : "victim"), at(swapped));
        };
        // It may fail, but has to leave others' files alone.
        await publish(swap).catch(() => {});
        expect(victim()).toEqual(before);
      }
    }
  },
  60_000,
);

asRoot(
  "nor while the user swaps them all the time",
  async () => {
    const { at, publish, victim } = aScene();
    const before = victim();
    const script = `cd "$1" && while printf x >> live/swaps; do
    mv live/d live/x; ln -s ../victim live/d; rm live/d; mv live/x live/d
    mv live/d/e live/d/x; ln -s ../../victim/e live/d/e; rm live/d/e; mv live/d/x live/d/e
  done 2>/dev/null`;
    const { uid, gid } = account;
    const attacker = spawn("sh", ["-c", script, "sh", at(".")], {
      uid,
      gid,
      stdio: "ignore",
      detached: true,
    });
    // By the user: root would write through the symlinks.
    const refill = `cd "$1"; mkdir -p tree/d/e; rm -rf trash/*
    for f in d/a d/e/a; do echo new > tree/$f; done; for f in d/a d/gone d/e/a d/e/gone; do echo old > live/$f; done`;
    try {
      for (let round = 0; round < 100; round += 1) {
        const options = { account, timeoutMs: 10_000, okStatus: [0, 1, 2] };
        await exec(["sh", "-c", refill, "sh", at(".")], options);
        await publish().catch(() => {});
      }
      expect(victim()).toEqual(before);
      // Else this test shows nothing.
      expect(statSync(at("live/swaps")).size).toBeGreaterThan(20);
    } finally {
      if (attacker.pid) process.kill(-attacker.pid, "SIGKILL");
      await once(attacker, "close");
    }
  },
  60_000,
);

asRoot("a directory of somebody else's in the checkout is left alone, and named", async () => {
  const { at, fill, publish } = aScene();
  fill();
  chownSync(at("live/d/e"), 1, 1);
  await expect(publish()).rejects.toThrow(
    `Cannot write in "${at("live/d/e")}": it does not belong to the service's user`,
  );
  expect(readFileSync(at("live/d/e/a"), "utf8")).toBe("old\n");
});

asRoot("a pipe in place of a file does not stop root", async () => {
  const { at, fill, publish } = aScene();
  fill();
  for (const path of ["live/d/a", "tree/d/e/a"]) {
    rmSync(at(path));
    await exec(["mkfifo", at(path)], { timeoutMs: 5_000, account });
  }
  await publish();
  expect(readFileSync(at("live/d/a"), "utf8")).toBe("new\n");
});
