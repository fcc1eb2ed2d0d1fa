import { expect, test } from "vitest";
import { commitOf, store } from "../../../test/builders/a-group.ts";
import type { AbsPath } from "../../model/path.ts";
import { type Exec, ExecFailure } from "../../platform/process/exec.ts";
import { createGit } from "../git.ts";
import { fetchBlobs, fetchCommit } from "./fetch-objects.ts";

const stderr = "error: Server does not allow request for unadvertised object\n";

function aGit(damages: string[]) {
  const exec: Exec = async (argv) => {
    if (argv.includes("fetch")) throw new ExecFailure(argv, "exit status 128", 128, { stderr });
    return { status: 1, stdout: "", stderr: "" };
  };
  const onDamage = (_place: unknown, { kind }: { readonly kind: string }) => void damages.push(kind);
  return createGit({ exec, globalConfig: "/state/gitconfig" as AbsPath, onRun: () => {}, onDamage });
}

test("a commit that upstream has dropped is no damage of the store, but files that it has dropped are", async () => {
  const damages: string[] = [];
  const git = aGit(damages);
  await expect(fetchCommit(store, commitOf("a"), git)).rejects.toThrow("unadvertised object");
  expect(damages).toEqual([]);
  await expect(fetchBlobs(store, [commitOf("b")], git)).rejects.toThrow("Cannot fetch files");
  expect(damages).toEqual(["store"]);
});
