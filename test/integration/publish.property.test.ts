import fc from "fast-check";
import { expect, test } from "vitest";
import { aPublishing, readTree, type Tree } from "./a-publishing.ts";

const file = (text: string) => ({ text, mode: "644" }) as const;
const name = fc.constantFrom("a", "b", "ä", "c d", "\n", '"', "x");
const top = fc.constantFrom("app/etc", "app/etc", "app", "app/lib", "other", "more", "more/in", "");
const entry = fc.record({
  text: fc.constantFrom("", "one\n", "two\n"),
  mode: fc.constantFrom("644" as const, "755" as const, "link" as const),
});
const aTree = fc
  .array(fc.tuple(top, fc.array(name, { minLength: 1, maxLength: 3 }), entry), { maxLength: 16 })
  .map((entries): Tree => {
    const tree: Record<string, Tree[string]> = {
      "app/etc/always": file("here\n"),
      "app/keys/key": file(`${entries.length}\n`),
    };
    for (const [directory, parts, { text, mode }] of entries) {
      const path = [...(directory === "" ? [] : [directory]), ...parts].join("/");
      const inOther = (one: string, other: string) => `${one}/`.startsWith(`${other}/`);
      if (Object.keys(tree).some((other) => inOther(path, other) || inOther(other, path))) continue;
      tree[path] = { text: mode === "link" ? `to ${text.trim()}` : text, mode };
    }
    return tree;
  });

/** What is in the links. Of a file beside them git forgets that it is to be there, if a directory was there before. */
const within = (links: readonly string[], tree: Tree): Tree =>
  Object.fromEntries(
    Object.entries(tree).filter(([path]) => links.some((link) => `${path}/`.startsWith(`${link}/`))),
  );

test.each([
  ["one link", ["app/etc"]],
  ["a link that is a file", ["app/etc", "app/keys/key"]],
  ["several links, of which one may be missing", ["app/etc", "more/in", "app/lib"]],
])(
  "from any tree to any other, by either way, with %s, the files are as in git, which has nothing to say",
  async (what, links) => {
    const scene = await aPublishing(`any ${what}`, { "app/etc/x": "x\n" }, links);
    await fc.assert(
      fc.asyncProperty(aTree, fc.boolean(), async (tree, whole) => {
        const commit = scene.commitTree(tree);
        await scene.bring(commit, { whole });
        expect(within(links, readTree(scene.checkout))).toEqual(within(links, tree));
        expect(await scene.look()).toEqual({ is: "present", edits: [], ignored: false, head: commit });
      }),
      { numRuns: 60 },
    );
  },
  120_000,
);
