type Graph = ReadonlyMap<string, readonly string[]>;

/** Circles in a graph, each with all nodes that lead to each other: its strongly connected components of more than one. */
export function circlesIn(graph: Graph): string[][] {
  const nodes = [...graph.keys()];
  const reached = new Map(nodes.map((node) => [node, reachedFrom(node, graph)]));
  const reaches = (from: string, to: string) => reached.get(from)?.has(to) === true;
  return nodes.flatMap((node) => {
    const circle = nodes.filter((other) => reaches(node, other) && reaches(other, node)).sort();
    // Each circle is reported once, by its first node.
    return circle.length > 1 && circle[0] === node ? [circle] : [];
  });
}

function reachedFrom(start: string, graph: Graph): Set<string> {
  const reached = new Set<string>();
  const open = [start];
  for (let node = open.pop(); node !== undefined; node = open.pop())
    for (const next of graph.get(node) ?? []) {
      if (reached.has(next)) continue;
      reached.add(next);
      open.push(next);
    }
  return reached;
}
