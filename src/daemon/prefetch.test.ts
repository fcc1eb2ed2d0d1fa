import { expect, test } from "vitest";
import type { RepoPath } from "../model/path.ts";
import { withoutHeavy } from "./prefetch.ts";

const links = new Set(["big", "small", "big/inner/own", "file"] as RepoPath[]);
const many = Array.from({ length: 5 }, (_, file) => ({ path: `big/inner/${file}` }));
const few = [{ path: "small/a" }, { path: "big/inner/own/b" }, { path: "file" }, { path: "beside" }];

test("the files of a link that has very many are left to their own service", () => {
  expect(withoutHeavy([...many, ...few], links, 4)).toEqual(few);
});

test("as many as there may be are fetched with the others", () => {
  expect(withoutHeavy([...many, ...few], links, 5)).toEqual([...many, ...few]);
});

test("a link to the whole repository counts what no other link has", () => {
  const whole = new Set([...links, "." as RepoPath]);
  const top = Array.from({ length: 5 }, (_, file) => ({ path: `other/${file}` }));
  expect(withoutHeavy([...top, ...few], whole, 4)).toEqual(few.filter(({ path }) => path !== "beside"));
});
