import { expect, test } from "vitest";
import { gitModeOf, isTree, parseCommitHead, parseTree } from "./raw-objects.ts";

test("the entries of a tree keep unusual modes", () => {
  // An id may have any bytes, such as a NUL, a space or the bytes of an entry.
  const id = "\0 100644 x\0".padEnd(20, "\xff");
  const bytes = `104755 run\0${id}40000 sub\0${id}100644 caf\xc3\xa9 au lait\0${id}`;
  const entries = [...parseTree(Buffer.from(bytes, "latin1"), 20)];
  const shown = ["104755 run", "040000 sub", "100644 café au lait"];
  expect(entries.map(({ name, mode }) => `${mode} ${name}`)).toEqual(shown);
  const ids = entries.map((entry) => entry.id);
  expect(ids).toEqual(shown.map(() => Buffer.from(id, "latin1").toString("hex")));
  expect([...parseTree(Buffer.alloc(0), 32)]).toEqual([]);
});

test("an odd mode is to git one of those that it knows", () => {
  const kinds = { "100664": "100644", "104755": "100755", "120777": "120000", "040755": "040000" };
  for (const [mode, kind] of Object.entries({ ...kinds, "160000": "160000", "020644": "160000" }))
    expect(gitModeOf({ mode })).toBe(kind);
  expect(["040000", "040755", "100644"].map((mode) => isTree({ mode }))).toEqual([true, true, false]);
});

test("a commit's message is not read for parents", () => {
  const [tree, one, two] = ["a", "b", "c"].map((digit) => digit.repeat(40));
  const text = `tree ${tree}\nparent ${one}\nparent ${two}\nauthor A <a@b> 0 +0000\n\nparent ${tree}\n`;
  expect(parseCommitHead(Buffer.from(text))).toEqual({ tree, parents: [one, two] });
  const first = `tree ${tree}\nauthor A <a@b> 0 +0000\n`;
  expect(parseCommitHead(Buffer.from(first))).toEqual({ tree, parents: [] });
});
