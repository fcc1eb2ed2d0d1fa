/** Where the keys of a TOML text are. Loads a second TOML parser, so it is for texts with errors only. */
import type { AST } from "toml-eslint-parser";
import type { Path } from "./finding.ts";

interface Place {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
}

/** Finds a key, or an element of a list; a missing key is at its table. */
export type Locate = (path: Path) => Place;

const start: Place = { line: 1, column: 1 };

/** Reads the text's places; in a text that cannot be read for places everything is at its start. */
export async function createLocate(text: string): Promise<Locate> {
  const { parseTOML } = await import("toml-eslint-parser");
  let places: ReadonlyMap<string, Place>;
  try {
    places = indexPlaces(parseTOML(text.replace(/^\uFEFF/, "")).body[0].body);
  } catch {
    // The two parsers disagree, or the nesting is too deep: the key's name is still in the error.
    return () => start;
  }
  return (path) => {
    for (let length = path.length; length > 0; length--) {
      const place = places.get(JSON.stringify(path.slice(0, length)));
      if (place !== undefined) return place;
    }
    return start;
  };
}

function indexPlaces(body: readonly (AST.TOMLKeyValue | AST.TOMLTable)[]): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const node of body) {
    if (node.type === "TOMLKeyValue") {
      indexKeyValue(places, [], node);
      continue;
    }
    put(places, node.resolvedKey, node);
    for (const keyValue of node.body) indexKeyValue(places, node.resolvedKey, keyValue);
  }
  return places;
}

function indexKeyValue(places: Map<string, Place>, table: Path, node: AST.TOMLKeyValue): void {
  const names = node.key.keys.map((key) => (key.type === "TOMLBare" ? key.name : key.value));
  const path = [...table, ...names];
  put(places, path, node);
  indexElements(places, path, node.value);
}

function indexElements(places: Map<string, Place>, path: Path, node: AST.TOMLContentNode): void {
  if (node.type === "TOMLArray") {
    for (const [index, element] of node.elements.entries()) {
      put(places, [...path, index], element);
      indexElements(places, [...path, index], element);
    }
  } else if (node.type === "TOMLInlineTable") {
    for (const keyValue of node.body) indexKeyValue(places, path, keyValue);
  }
}

/** A table around the path that has no header of its own is where it is first spoken of. */
function put(places: Map<string, Place>, path: Path, node: AST.HasLocs): void {
  const place = { line: node.loc.start.line, column: node.loc.start.column + 1 };
  for (let length = path.length; length > 0; length--) {
    const key = JSON.stringify(path.slice(0, length));
    if (places.has(key)) break;
    places.set(key, place);
  }
}
