import { expect, test } from "vitest";
import { damageIn } from "./damage.ts";

test.each([
  ["fatal: Unable to create '/s/worktrees/app/index.lock': File exists.\n\nAnother git process", "lock"],
  ["error: cannot lock ref 'refs/remotes/origin/main': Unable to create '/s/a.lock': File exists.", "lock"],
  ["error: could not lock config file /s/config: File exists", "lock"],
  ["fatal: /s/worktrees/app/index: index file smaller than expected", "checkout"],
  ["fatal: not a git repository: /s/worktrees/app", "checkout"],
  ["fatal: not a git repository: '/s'", "store"],
  ["error: object file /s/objects/0c/fb is empty\nfatal: index-pack failed", "store"],
  ["fatal: could not fetch 0cfb from promisor remote", "store"],
  ["error: Server does not allow request for unadvertised object 0cfb", "store"],
])("%s", (stderr, kind) => {
  expect(damageIn(stderr)?.kind).toBe(kind);
});

test("network errors, a full disk and messages of upstream are no damage", () => {
  const others = [
    "",
    "fatal: unable to access 'http://h/r/': Failed to connect to h port 80",
    "fatal: unable to write file app/conf: No space left on device",
    "fatal: remote error: upload-pack: not our ref 1111",
    "remote: error: object file /s/objects/0c/fb is empty",
    "error: inflate: data stream error (incorrect data check)\nfatal: pack has bad object at offset 179: inflate returned -3\nerror: index-pack died",
    "remote: Counting\rremote: fatal: not a git repository: '/s'\n",
  ];
  expect(others.filter((stderr) => damageIn(stderr) !== null)).toEqual([]);
});

test("why is one line, without git's own heading", () => {
  const stderr =
    "error: inflate: data stream error\nerror: unable to unpack 0cfb header\nfatal: index-pack failed";
  expect(damageIn(stderr)).toEqual({ kind: "store", why: "unable to unpack 0cfb header" });
});
