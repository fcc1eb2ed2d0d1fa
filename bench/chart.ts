/** How costs grow with the number of services, as a picture: one panel a cost, services on a logarithmic axis. */
import type { Results } from "./results.ts";

interface Measured {
  readonly services: number;
  readonly gitopper: number;
  readonly plain: number | null;
}

const panel = { width: 250, height: 180, left: 44, right: 14, top: 34, bottom: 34 };
const counts = [1, 10, 50, 200, 500];

/** An SVG for light and dark pages; a panel for every curve that has points. */
export function renderChart(results: Results): string {
  const panels = [...curvesOf(results)].map(([name, points], index) => renderPanel(name, points, index));
  const width = panels.length * panel.width;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${panel.height + 22}" width="${width}" role="img">
<title>How the costs of gitopper and of plain git grow with the number of services</title>
<style>
  text { font: 11px system-ui, sans-serif; fill: #57606a }
  .name { font-weight: 600; fill: #24292f }
  .grid { stroke: #d0d7de; stroke-width: 1 }
  polyline { fill: none; stroke-width: 2; stroke-linejoin: round }
  .gitopper { stroke: #0969da; fill: #0969da }
  .plain { stroke: #bc4c00; fill: #bc4c00 }
  polyline.gitopper, polyline.plain { fill: none }
  text.gitopper, text.plain { stroke: none }
  @media (prefers-color-scheme: dark) {
    text { fill: #9198a1 }
    .name { fill: #f0f6fc }
    .grid { stroke: #3d444d }
    .gitopper { stroke: #4493f8; fill: #4493f8 }
    .plain { stroke: #f0883e; fill: #f0883e }
  }
</style>
${panels.join("")}${renderLegend()}</svg>
`;
}

function curvesOf(results: Results): Map<string, Measured[]> {
  const curves = new Map<string, Measured[]>();
  for (const { point, gitopper, plain } of Object.values(results).flatMap((run) => run.rows)) {
    if (point === undefined) continue;
    const measured = { services: point.services, gitopper: gitopper.median, plain: plain?.median ?? null };
    curves.set(point.curve, [...(curves.get(point.curve) ?? []), measured]);
  }
  return curves;
}

function renderPanel(name: string, points: readonly Measured[], index: number): string {
  const most = Math.max(...points.flatMap(({ gitopper, plain }) => [gitopper, plain ?? 0]));
  const step = niceStep(most / 3);
  const ceiling = Math.ceil(most / step) * step;
  const bottom = panel.height - panel.bottom;
  const y = (value: number) => bottom - (value / ceiling) * (bottom - panel.top);
  const ticks = Array.from({ length: Math.round(ceiling / step) + 1 }, (_, tick) => tick * step);
  const curve = (cost: "gitopper" | "plain") => renderCurve(cost, points, y);
  return `<g transform="translate(${index * panel.width} 0)">
<text class="name" x="${panel.left}" y="16">${name}</text>
${ticks.map((value) => renderTick(value, y(value))).join("")}${counts.map(renderCount).join("")}${curve("plain")}${curve("gitopper")}</g>
`;
}

function renderTick(value: number, y: number): string {
  const label = `<text x="${panel.left - 6}" y="${round(y + 4)}" text-anchor="end">${round(value)}</text>`;
  const line = `<line class="grid" x1="${panel.left}" x2="${panel.width - panel.right}" y1="${round(y)}" y2="${round(y)}"/>`;
  return `${label}${line}\n`;
}

function renderCount(services: number): string {
  return `<text x="${x(services)}" y="${panel.height - panel.bottom + 16}" text-anchor="middle">${services}</text>\n`;
}

function renderCurve(
  cost: "gitopper" | "plain",
  points: readonly Measured[],
  y: (value: number) => number,
): string {
  const places = points.flatMap((point) => {
    const value = point[cost];
    return value === null ? [] : [[x(point.services), round(y(value))] as const];
  });
  if (places.length === 0) return "";
  const dots = places.map(([cx, cy]) => `<circle class="${cost}" cx="${cx}" cy="${cy}" r="2.5"/>`).join("");
  return `<polyline class="${cost}" points="${places.map((place) => place.join(",")).join(" ")}"/>${dots}\n`;
}

function renderLegend(): string {
  const y = panel.height + 10;
  return `<text class="gitopper" x="${panel.left}" y="${y}">● gitopper</text>
<text class="plain" x="${panel.left + 80}" y="${y}">● plain git, by a script</text>
<text x="${panel.left + 220}" y="${y}">across: services on one host</text>
`;
}

/** 1, 2 or 5 times a power of ten, at least as large. */
function niceStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  return ([1, 2, 5].find((factor) => factor * power >= atLeast) ?? 10) * power;
}

function x(services: number): number {
  const share = Math.log10(services) / Math.log10(counts.at(-1) ?? 1);
  return round(panel.left + 10 + share * (panel.width - panel.left - panel.right - 20));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
