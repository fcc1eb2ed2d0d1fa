/** bench/results/latest.json: the last run of every measure, each with what ran it. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type MachineFacts, renderMachine } from "./machine-facts.ts";
import type { SummedRow } from "./result.ts";
import { renderTable } from "./table.ts";

const directory = join(import.meta.dirname, "results");
const path = join(directory, "latest.json");

export interface Run {
  readonly machine: MachineFacts;
  readonly tookS: number;
  readonly rows: readonly SummedRow[];
}

/** By the names of the measures. */
export type Results = Readonly<Record<string, Run>>;

export function readResults(): Results {
  return JSON.parse(readFileSync(path, "utf8")) as Results;
}

/** Replaces what was known of the measures that ran; the others keep their last run. `order`: of all measures. */
export function mergeResults(before: Results, ran: Results, order: readonly string[]): Results {
  const all = { ...before, ...ran };
  return Object.fromEntries(
    order.flatMap((name) => {
      const run = all[name];
      return run === undefined ? [] : [[name, run]];
    }),
  );
}

/** Figures have four digits. */
export function writeResults(results: Results): void {
  mkdirSync(directory, { recursive: true });
  const round = (_: string, value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(4)) : value;
  writeFileSync(path, `${JSON.stringify(results, round, 2)}\n`);
}

/** A line for every machine and day that measured some of it, then one table. */
export function renderResults(results: Results): string {
  const machines = [...new Set(Object.values(results).map(({ machine }) => renderMachine(machine)))];
  const rows = Object.values(results).flatMap((run) => run.rows);
  return `${machines.join("\n")}\n\n${renderTable(rows)}`;
}
