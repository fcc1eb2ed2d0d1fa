import { expect, test } from "vitest";
import type { RepoPath } from "../../model/path.ts";
import { accessAt, directoryMode, fileMode } from "./access.ts";

test.each([
  [0o600, "600", "700", "700"],
  [0o640, "640", "750", "750"],
  [0o440, "440", "550", "750"],
  [0o644, "644", "755", "755"],
  [0o660, "660", "770", "770"],
])(
  "mode %o is that of files; programs and directories can be executed or entered where read",
  (mode, ...wanted) => {
    const modes = [fileMode(mode, false), fileMode(mode, true), directoryMode(mode)];
    expect(modes.map((each) => each.toString(8))).toEqual(wanted);
  },
);

test("the innermost link counts", () => {
  const access = (link: string, mode: number) => ({ link: link as RepoPath, mode, gid: null });
  const all = [access(".", 0o644), access("app/secret", 0o600), access("app", 0o640)];
  const modeAt = (path: string) => accessAt(path, all)?.mode;
  expect(["x", "app/x", "app/secret", "app/secret/key", "app/secrets"].map(modeAt)).toEqual([
    0o644, 0o640, 0o600, 0o600, 0o640,
  ]);
  expect(accessAt("other", [access("app", 0o640)])).toBeNull();
});
