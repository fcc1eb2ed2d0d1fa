import { expect, test } from "vitest";
import type { NeededFile } from "../git/history/files-needed.ts";
import type { RepoPath } from "../model/path.ts";
import { LightFiles } from "./prefetch.ts";

const aFile = (path: string) => ({ path, id: path });
const links = new Set(["big", "small", "big/inner/own", "file"] as RepoPath[]);
const many = Array.from({ length: 5 }, (_, file) => aFile(`big/inner/${file}`));
const few = ["small/a", "big/inner/own/b", "file", "beside"].map(aFile);

function lightOf(files: readonly NeededFile[], links: ReadonlySet<RepoPath>, max: number): NeededFile[] {
  const light = new LightFiles(links, max);
  for (const file of files) light.add([file]);
  return light.files();
}

test("the files of a link that has very many are left to their own service", () => {
  expect(lightOf([...many, ...few], links, 4)).toEqual(few);
});

test("as many as there may be are fetched with the others", () => {
  expect(lightOf([...many, ...few], links, 5)).toEqual([...many, ...few]);
});

test("a link to the whole repository counts what no other link has", () => {
  const whole = new Set([...links, "." as RepoPath]);
  const top = Array.from({ length: 5 }, (_, file) => aFile(`other/${file}`));
  expect(lightOf([...top, ...few], whole, 4)).toEqual(few.filter(({ path }) => path !== "beside"));
});
