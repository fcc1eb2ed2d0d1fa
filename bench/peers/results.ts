/** bench/results/peers.json, and its table for people. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Summary, summaryOf } from "../result.ts";
import { renderNumber } from "../table.ts";
import type { Cost } from "./peer.ts";

const path = join(import.meta.dirname, "../results/peers.json");

/** The samples of one tool and number of services; times in ms, the rest in MB. Empty: it has nothing like it. */
export interface Figures {
  readonly looks: readonly Cost[];
  readonly reloads: readonly number[];
  readonly cold: readonly Cost[];
  readonly disk: readonly number[];
  readonly idle: readonly number[];
  readonly peak: readonly number[];
}

/** The rows of the table, in its order, in the units that it has. */
const rows = {
  "nothing new, ms": ({ looks }: Figures) => looks.map(({ wallMs }) => wallMs),
  "  its CPU time, ms": ({ looks }: Figures) => looks.map(({ cpuMs }) => cpuMs),
  "  its requests": ({ looks }: Figures) => looks.map(({ requests }) => requests),
  "push → reloaded, ms": ({ reloads }: Figures) => reloads,
  "cold start, s": ({ cold }: Figures) => cold.map(({ wallMs }) => wallMs / 1_000),
  "  its CPU time, s": ({ cold }: Figures) => cold.map(({ cpuMs }) => cpuMs / 1_000),
  "  its requests ": ({ cold }: Figures) => cold.map(({ requests }) => requests),
  "disk, MB": ({ disk }: Figures) => disk,
  "memory between runs, MB": ({ idle }: Figures) => idle,
  "memory of a run, MB": ({ peak }: Figures) => peak,
};
type RowName = keyof typeof rows;
const rowNames = Object.keys(rows) as RowName[];

interface SummedFigures {
  readonly services: number;
  readonly rows: Readonly<Record<RowName, Summary | null>>;
}

export interface PeerResults {
  readonly machine: string;
  readonly peers: readonly {
    readonly name: string;
    /** Of its Debian packages; empty for what every bench has. */
    readonly versions: string;
    readonly figures: readonly SummedFigures[];
  }[];
}

export function summarize(figures: Figures): Pick<SummedFigures, "rows"> {
  const summed = rowNames.map((name) => {
    const samples = rows[name](figures);
    return [name, samples.length === 0 ? null : summaryOf(samples)];
  });
  return { rows: Object.fromEntries(summed) as SummedFigures["rows"] };
}

export function writePeers(results: PeerResults): void {
  const round = (_: string, value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(4)) : value;
  writeFileSync(path, `${JSON.stringify(results, round, 2)}\n`);
}

function readPeers(): PeerResults {
  return JSON.parse(readFileSync(path, "utf8")) as PeerResults;
}

/** Medians, in 80 columns; a `–` is what a tool does not do. */
export function renderPeerTable({ machine, peers }: PeerResults): string {
  const versions = peers.map((peer) => peer.versions).filter((text) => text !== "");
  const widths = [24, ...peers.map(({ name }) => Math.max(name.length, 6) + 1)];
  const sizes = peers[0]?.figures.map(({ services }) => services) ?? [];
  const tables = sizes.map((services) => {
    const head = [`${services} service${services === 1 ? "" : "s"}`, ...peers.map(({ name }) => name)];
    const rule = widths.map((width, index) => "─".repeat(index === 0 ? width : width - 1));
    const lines = rowNames.map((name) => [name, ...peers.map((peer) => medianOf(peer, services, name))]);
    return [head, rule, ...lines].map((cells) => renderLine(cells, widths)).join("");
  });
  return `${machine}\n${versions.join("\n")}\n\n${tables.join("\n")}`;
}

type Measured = PeerResults["peers"][number];

function medianOf({ figures }: Measured, services: number, name: RowName): string {
  const summary = figures.find((each) => each.services === services)?.rows[name];
  return summary ? renderNumber(summary.median) : "–";
}

function renderLine(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, index) => {
    const width = widths[index] ?? 0;
    return index === 0 ? cell.padEnd(width) : cell.padStart(width);
  });
  return `${padded.join("").trimEnd()}\n`;
}

/** Puts the table between the two `peers` comments of a page. */
export function renderPeers(page: string): string {
  const block = `<!-- peers -->\n\n\`\`\`\n${renderPeerTable(readPeers())}\`\`\`\n\n<!-- /peers -->`;
  return page.replace(/<!-- peers -->.*?<!-- \/peers -->/s, () => block);
}

/** The rows of the README, with 50 services: what a reader calls it, and its unit. */
const headline: readonly (readonly [RowName, string])[] = [
  ["push → reloaded, ms", "Push to reload, ms ¹"],
  ["  its CPU time, ms", "CPU time of a poll without news, ms"],
  ["cold start, s", "First deployment, s"],
  ["disk, MB", "Disk, MB"],
  ["memory between runs, MB", "Memory between runs, MB"],
];
const note = "medians with 50 services, ¹ for tools that poll without their wait for the next run";

/** Puts the medians of `headline` between the two `peer rows` comments of a page. */
export function renderPeerHeadline(page: string): string {
  const { machine, peers } = readPeers();
  const lines = [
    `Beside [other tools of Debian](docs/performance.md#beside-other-tools): ${note};`,
    `${machine}.`,
    "",
    `| | ${peers.map(({ name }) => name).join(" | ")} |`,
    `|---|${"---|".repeat(peers.length)}`,
    ...headline.map(
      ([name, text]) => `| ${text} | ${peers.map((peer) => medianOf(peer, 50, name)).join(" | ")} |`,
    ),
  ];
  return page.replace(
    /<!-- peer rows -->.*?<!-- \/peer rows -->/s,
    () => `<!-- peer rows -->\n${lines.join("\n")}\n<!-- /peer rows -->`,
  );
}
