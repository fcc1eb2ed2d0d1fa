/** Finds the positions of keys in a TOML text. Loads a second TOML parser, so it is used only for texts with errors. */
import type { AST } from "toml-eslint-parser";
import type { Path } from "./finding.ts";

interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
}

/** Finds a key, or an element of a list; a missing key is at its table. */
type Locate = (path: Path) => Position;

const start: Position = { line: 1, column: 1 };

/** Indexes the positions in the text; if the second parser fails, every key is at the start. */
export async function createLocate(text: string): Promise<Locate> {
  const { parseTOML } = await import("toml-eslint-parser");
  const positions = new Map<string, Position>();
  try {
    index(positions, [], parseTOML(text.replace(/^\uFEFF/, "")).body[0]);
  } catch {
    // The parsers disagree, or the nesting is too deep; the message still has the key's name.
    return () => start;
  }
  return (path) => {
    for (let length = path.length; length > 0; length--) {
      const position = positions.get(JSON.stringify(path.slice(0, length)));
      if (position !== undefined) return position;
    }
    return start;
  };
}

type Node = AST.TOMLTopLevelTable | AST.TOMLTable | AST.TOMLKeyValue | AST.TOMLContentNode;

/** Indexes the positions of a node and of everything in it. */
function index(positions: Map<string, Position>, path: Path, node: Node): void {
  put(positions, path, node);
  if (node.type === "TOMLKeyValue") index(positions, path, node.value);
  else if (node.type === "TOMLArray")
    for (const [at, element] of node.elements.entries()) index(positions, [...path, at], element);
  else if (node.type !== "TOMLValue")
    for (const inner of node.body)
      index(positions, inner.type === "TOMLTable" ? inner.resolvedKey : [...path, ...namesOf(inner)], inner);
}

function namesOf({ key }: AST.TOMLKeyValue): string[] {
  return key.keys.map((name) => (name.type === "TOMLBare" ? name.name : name.value));
}

/** A surrounding table without a header of its own is at its first mention. */
function put(positions: Map<string, Position>, path: Path, node: AST.HasLocs): void {
  const position = { line: node.loc.start.line, column: node.loc.start.column + 1 };
  for (let length = path.length; length > 0; length--) {
    const key = JSON.stringify(path.slice(0, length));
    if (positions.has(key)) break;
    positions.set(key, position);
  }
}
