import { expect, test } from "vitest";
import { type Column, renderTable } from "./table.ts";
import { widthOf } from "./visible.ts";

const columns: readonly Column[] = [
  { heading: "#" },
  { heading: "SERVICE" },
  { heading: "INFO", cutOrder: 1 },
  { heading: "CHANGED", cutOrder: 2 },
];
const rows = [
  ["0", "nginx", "it does not start at all", "Fri, 18 Nov"],
  ["1", "caddy", "", ""],
];

test("columns are two spaces apart, and no line ends in a space", () => {
  expect(renderTable({ columns, rows }, null)).toBe(
    [
      "#  SERVICE  INFO                      CHANGED",
      "0  nginx    it does not start at all  Fri, 18 Nov",
      "1  caddy",
      "",
    ].join("\n"),
  );
});

test("a table without rows is its heading", () => {
  expect(renderTable({ columns, rows: [] }, 80)).toBe("#  SERVICE  INFO  CHANGED\n");
});

test("on a narrow terminal the first in order gives way", () => {
  expect(renderTable({ columns, rows }, 38).split("\n")[1]).toBe("0  nginx    it does not …  Fri, 18 Nov");
});

test("when that is not enough, the next one does", () => {
  const lines = renderTable({ columns, rows }, 24).split("\n");
  expect(lines[1]).toBe("0  nginx    it …  Fri, …");
  expect(lines.every((line) => widthOf(line) <= 24)).toBe(true);
});

test("colour does not move a column", () => {
  const dressed = columns.map((column, index) => (index === 1 ? { ...column, dress: red } : column));
  expect(renderTable({ columns: dressed, rows }, null).split("\n")[1]).toBe(
    "0  \x1b[31mnginx\x1b[0m    it does not start at all  Fri, 18 Nov",
  );
});

test("a server's escapes stay out", () => {
  expect(renderTable({ columns, rows: [["0", "a\x1bc", "x\ny", ""]] }, null)).toContain("a\\x1bc   x y");
});

test("a column keeps what it would like to, as long as another can give way", () => {
  const polite = columns.map((column) => (column.heading === "INFO" ? { ...column, keep: 10 } : column));
  expect(renderTable({ columns: polite, rows }, 32).split("\n")[1]).toBe("0  nginx    it does n…  Fri, 18…");
});

test("a column is left out when not even what all would like to keep has room", () => {
  const polite = columns.map((column) => {
    if (column.heading === "INFO") return { ...column, keep: 10 };
    return column.heading === "CHANGED" ? { ...column, dropOrder: 1, keep: 11 } : column;
  });
  const lineAt = (width: number) => renderTable({ columns: polite, rows }, width).split("\n")[1];
  expect(lineAt(33)).toBe("0  nginx    it does not start at…");
  expect(lineAt(35)).toBe("0  nginx    it does n…  Fri, 18 Nov");
});

test("a wrapped column goes on below, between words", () => {
  const wrapped = columns.map((column) =>
    column.heading === "INFO" ? { ...column, wrap: true as const } : column,
  );
  expect(renderTable({ columns: wrapped, rows }, 38).split("\n").slice(1, 3)).toEqual([
    "0  nginx    it does not    Fri, 18 Nov",
    "            start at all",
  ]);
});

test("an optional column is there when a row has something in it", () => {
  const optional = columns.map((column) =>
    column.heading === "INFO" ? { ...column, optional: true as const } : column,
  );
  expect(renderTable({ columns: optional, rows: rows.slice(1) }, null)).toBe(
    "#  SERVICE  CHANGED\n1  caddy\n",
  );
  expect(renderTable({ columns: optional, rows }, null)).toContain("INFO");
});

function red(cell: string): string {
  return `\x1b[31m${cell}\x1b[0m`;
}
