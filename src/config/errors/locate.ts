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
export type Locate = (path: Path) => Position;

const start: Position = { line: 1, column: 1 };

/** Indexes the positions in the text; if the second parser fails, every key is at the start. */
export async function createLocate(text: string): Promise<Locate> {
  const { parseTOML } = await import("toml-eslint-parser");
  let positions: ReadonlyMap<string, Position>;
  try {
    positions = indexPositions(parseTOML(text.replace(/^\uFEFF/, "")).body[0].body);
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

function indexPositions(body: readonly (AST.TOMLKeyValue | AST.TOMLTable)[]): ReadonlyMap<string, Position> {
  const positions = new Map<string, Position>();
  for (const node of body) {
    if (node.type === "TOMLKeyValue") {
      indexKeyValue(positions, [], node);
      continue;
    }
    put(positions, node.resolvedKey, node);
    for (const keyValue of node.body) indexKeyValue(positions, node.resolvedKey, keyValue);
  }
  return positions;
}

function indexKeyValue(positions: Map<string, Position>, table: Path, node: AST.TOMLKeyValue): void {
  const names = node.key.keys.map((key) => (key.type === "TOMLBare" ? key.name : key.value));
  const path = [...table, ...names];
  put(positions, path, node);
  indexElements(positions, path, node.value);
}

function indexElements(positions: Map<string, Position>, path: Path, node: AST.TOMLContentNode): void {
  if (node.type === "TOMLArray") {
    for (const [index, element] of node.elements.entries()) {
      put(positions, [...path, index], element);
      indexElements(positions, [...path, index], element);
    }
  } else if (node.type === "TOMLInlineTable") {
    for (const keyValue of node.body) indexKeyValue(positions, path, keyValue);
  }
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
