import { expect, test } from "vitest";
import { type Exec, ExecFailure } from "../platform/process/exec.ts";
import { observeTrackedFile } from "./tracked-file.ts";

const answers = {
  "rev-parse --show-prefix": "conf/\n",
  "ls-files -z --full-name -- a.yml": "conf/a.yml\0",
  "remote get-url origin": "git@github.com:x/y.git\n",
  "symbolic-ref --quiet --short HEAD": "canary\n",
  "rev-parse HEAD": "1a2b3c\n",
};

/** A git that knows these answers, and has status 1 for all else. */
function git(known: Readonly<Record<string, string>>): Exec {
  return async (argv, { okStatus = [0] }) => {
    const [, , , , ...args] = argv;
    const stdout = known[args.join(" ")];
    if (stdout !== undefined) return { status: 0, stdout, stderr: "" };
    if (okStatus.includes(1)) return { status: 1, stdout: "", stderr: "" };
    throw new ExecFailure(argv, "exit status 128", 128, { stderr: "fatal: no such thing\n" });
  };
}

test("a file has a path, a remote and a branch", async () => {
  expect(await observeTrackedFile(git(answers), "/w/conf/a.yml")).toEqual({
    path: "conf/a.yml",
    remote: "git@github.com:x/y.git",
    branch: "canary",
  });
});

test("git runs in the file's directory, and takes no name for a pattern", async () => {
  const seen: (readonly string[])[] = [];
  const exec: Exec = (argv, options) => {
    seen.push(argv.slice(0, 4));
    return git(answers)(argv, options);
  };
  await observeTrackedFile(exec, "/w/conf/a.yml");
  expect(seen[0]).toEqual(["git", "-C", "/w/conf", "--literal-pathspecs"]);
});

test("a detached HEAD is on the remote's default branch, or else at its commit", async () => {
  const { "symbolic-ref --quiet --short HEAD": _, ...detached } = answers;
  const remoteHead = { "symbolic-ref --quiet --short refs/remotes/origin/HEAD": "origin/trunk/x\n" };
  expect(await observeTrackedFile(git(detached), "/w/conf/a.yml")).toMatchObject({ branch: "1a2b3c" });
  expect(await observeTrackedFile(git({ ...detached, ...remoteHead }), "/w/conf/a.yml")).toMatchObject({
    branch: "trunk/x",
  });
});

test("a file that is not tracked, or a directory, is refused", async () => {
  const untracked = { ...answers, "ls-files -z --full-name -- a.yml": "" };
  const directory = { ...answers, "ls-files -z --full-name -- a.yml": "conf/a.yml/b\0" };
  const refusal = 'Cannot make a header for "/w/conf/a.yml": it is not a file that git tracks; add it first';
  await expect(observeTrackedFile(git(untracked), "/w/conf/a.yml")).rejects.toThrow(refusal);
  await expect(observeTrackedFile(git(directory), "/w/conf/a.yml")).rejects.toThrow(refusal);
});

test("what git says is the reason", async () => {
  await expect(observeTrackedFile(git({}), "/etc/passwd")).rejects.toThrow(
    'Cannot make a header for "/etc/passwd": no such thing',
  );
});
