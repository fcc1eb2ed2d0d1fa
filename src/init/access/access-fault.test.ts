import { expect, test } from "vitest";
import { Problem } from "../../model/problem.ts";
import { ExecFailure } from "../../platform/process/exec-failure.ts";
import { accessFault } from "./access-fault.ts";

const could = "fatal: Could not read from remote repository.";

test.each([
  [
    "host-key-unknown",
    `No ED25519 host key is known for [h]:2022 and you have requested strict checking.\n${could}`,
  ],
  ["host-key-unknown", `Host key verification failed.\n${could}`],
  [
    "host-key-changed",
    `@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.\n${could}`,
  ],
  ["key-refused", `git@github.com: Permission denied (publickey).\n${could}`],
  ["login-wanted", "fatal: could not read Username for 'https://h': terminal prompts disabled"],
  ["login-wanted", "fatal: Authentication failed for 'https://h/'"],
  ["login-wanted", "fatal: unable to access 'https://h/': The requested URL returned error: 403"],
  ["other", "fatal: unable to access 'https://h/': Could not resolve host: h"],
  ["other", "ERROR: Repository not found."],
])("%s: %j", (fault, stderr) => {
  const cause = new ExecFailure(["git"], "exit status 128", 128, { stderr });
  const inner = new Problem("git", "Cannot fetch", { cause });
  expect(accessFault(new Problem("git", "Cannot make the store", { cause: inner }))).toBe(fault);
});
