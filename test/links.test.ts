/** Relative links of the documents: the file exists, and has the heading that the link names. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const documents = ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "docs/**/*.md"].flatMap((pattern) =>
  globSync(pattern, { cwd: root }),
);

test.each(documents)("%s: every relative link leads to a file, and to a heading in it", (path) => {
  expect(brokenLinks(read(path), path)).toEqual([]);
});

test("a missing file and a missing heading are found, but not in code", () => {
  const text =
    "# One `two` (three)\n[a](#one-two-three) [b](#four)\n`[c](d.md)`\n```\n[e](f.md)\n```\n[g](h.md)\n";
  expect(brokenLinks(text, "CONTRIBUTING.md")).toEqual(["#four", "h.md"]);
  expect(brokenLinks("[a](docs/operate.md#no-such-heading)", "README.md")).toEqual([
    "docs/operate.md#no-such-heading",
  ]);
});

test("of equal headings, each later one has a number", () => {
  expect(brokenLinks("# One\n# One\n[a](#one-1) [b](#one-2)\n", "README.md")).toEqual(["#one-2"]);
});

function brokenLinks(text: string, path: string): string[] {
  const prose = withoutCodeBlocks(text).replace(/`[^`\n]*`/g, "");
  const targets = [...prose.matchAll(/\]\(([^()\s]*)\)/g)].map(([, target = ""]) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target) && !isRight(target, text, path));
}

function isRight(target: string, text: string, path: string): boolean {
  const [file = "", anchor] = target.split("#");
  const linked = join(root, dirname(path), file);
  if (file !== "" && !existsSync(linked)) return false;
  if (anchor === undefined) return true;
  return anchorsOf(file === "" ? text : readFileSync(linked, "utf8")).has(anchor);
}

/** The anchors of headings, as GitHub makes them. */
function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  const seen = new Map<string, number>();
  for (const [, heading = ""] of withoutCodeBlocks(text).matchAll(/^#{1,6} (.*)$/gm)) {
    const plain = heading.replace(/\]\([^()\s]*\)/g, "");
    const anchor = plain
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, "")
      .replaceAll(" ", "-");
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    anchors.add(before === 0 ? anchor : `${anchor}-${before}`);
  }
  return anchors;
}

function withoutCodeBlocks(text: string): string {
  const isFence = (line: string) => line.trimStart().startsWith("```");
  let inBlock = false;
  const lines = text.split("\n").filter((line) => {
    if (isFence(line)) inBlock = !inBlock;
    return !inBlock && !isFence(line);
  });
  return lines.join("\n");
}

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}
