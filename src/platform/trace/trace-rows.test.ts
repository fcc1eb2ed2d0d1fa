import { expect, test } from "vitest";
import { type Open, Rows } from "./trace-rows.ts";

function rowsWithNames() {
  const names = new Map<number, string>();
  const rows = new Rows(({ tid }, name) => names.set(tid, name));
  return { rows, where: (span: Open | null) => span && { tid: span.row.tid, name: names.get(span.row.tid) } };
}

test("a span lies in the row of the span around it", () => {
  const { rows, where } = rowsWithNames();
  const turn = rows.begin("app", undefined);
  const step = rows.begin(undefined, turn ?? undefined);
  expect(where(step)).toEqual({ tid: 1_000, name: "app" });
  expect(where(turn)).toEqual(where(step));
});

test("what goes on at the same time lies side by side, and rows are used again", () => {
  const { rows, where } = rowsWithNames();
  const turn = rows.begin("app", undefined) ?? undefined;
  const one = rows.begin(undefined, turn);
  const other = rows.begin(undefined, turn);
  expect(where(other)).toEqual({ tid: 1_001, name: "app (beside)" });
  if (one) rows.end(one);
  expect(where(rows.begin(undefined, turn))?.tid).toBe(1_000);
});

test("a process never takes the row of steps, which it may outlast", () => {
  const { rows, where } = rowsWithNames();
  expect(where(rows.beside(undefined))).toEqual({ tid: 1_001, name: "daemon (beside)" });
  expect(where(rows.begin(undefined, undefined))).toEqual({ tid: 1_000, name: "daemon" });
});

test("the number of rows is limited", () => {
  const { rows } = rowsWithNames();
  const begun = Array.from({ length: 150 }, () => rows.begin("requests", undefined));
  expect(begun.filter((span) => span !== null).length).toBe(100);
});
