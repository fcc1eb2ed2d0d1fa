import { expect, test } from "vitest";
import { store } from "../../test/builders/a-group.ts";
import type { AbsPath } from "../model/path.ts";
import type { Exec } from "../platform/process/exec.ts";
import { backgroundPace, createGit } from "./git.ts";

test("a question to an upstream does not wait for transfers that hang", async () => {
  const started: string[] = [];
  const hung = Promise.withResolvers<void>();
  const exec: Exec = async (argv) => {
    started.push(String(argv.at(-1)));
    if (argv.at(-1) !== "question") await hung.promise;
    return { status: 0, stdout: "refs", stderr: "" };
  };
  const globalConfig = "/state/gitconfig" as AbsPath;
  const git = createGit({ exec, globalConfig, onRun: () => {}, pace: backgroundPace });
  const transfers = ["one", "two", "three"].map((name) => git(store, [name], { network: "transfer" }));
  const { stdout } = await git(store, ["question"], { network: "question" });
  expect([stdout, started]).toEqual(["refs", ["one", "two", "question"]]);
  hung.resolve();
  await Promise.all(transfers);
});
