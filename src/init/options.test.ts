import { expect, test } from "vitest";
import { parseInit } from "./options.ts";

const none = {
  ...{ upstream: null, branch: null, mount: null, local: null },
  ...{ hostKey: null, tokenFile: null, tokenUser: null, yes: false },
};

test.each([
  [[], none],
  [["--local", "--yes"], { ...none, local: true, yes: true }],
  [["--local", "/srv/x.git"], { ...none, local: "/srv/x.git" }],
  [
    ["--upstream", "git@h:x", "--branch", "prod", "--mount", "/m", "--host-key", "SHA256:x"],
    { ...none, upstream: "git@h:x", branch: "prod", mount: "/m", hostKey: "SHA256:x" },
  ],
  [["--token-file", "/t", "--token-user", "bot"], { ...none, tokenFile: "/t", tokenUser: "bot" }],
])("%j", (argv, flags) => {
  expect(parseInit(argv)).toEqual({ ok: true, flags });
});

test.each([
  [["--upstream"], 1, /argument missing/],
  [["--upsteam", "x"], 1, /unknown option '--upsteam'/],
  [
    ["--check", "--online"],
    1,
    /^unknown option '--check'; to check a config: gitopper --check --online -c FILE$/,
  ],
  [["nginx"], 1, /too many arguments/],
  [["--upstream", "/x", "--local"], 1, /exclude each other/],
  [["--help"], 0, /--token-file/],
])("%j prints why, or the help", (argv, status, text) => {
  const parsed = parseInit(argv);
  expect(parsed).toMatchObject({ ok: false, status });
  expect(parsed.ok || parsed.text).toMatch(text);
});
