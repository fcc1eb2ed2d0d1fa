import { expect, test } from "vitest";
import { parseLsTree } from "./trees.ts";

const head = "1".repeat(40);

test("ls-tree: every kind of entry, and names with line breaks", () => {
  const records = [
    `040000 tree ${head}\tapp/etc`,
    `100755 blob ${head}\trun\nme`,
    `120000 blob ${head}\tlink`,
    `160000 commit ${head}\tsub`,
  ];
  expect(parseLsTree(records).map(({ kind, path }) => [kind, path])).toEqual([
    ["directory", "app/etc"],
    ["file", "run\nme"],
    ["symlink", "link"],
    ["submodule", "sub"],
  ]);
});
