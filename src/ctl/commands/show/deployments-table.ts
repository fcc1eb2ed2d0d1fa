/** The deployments of a service as a table, newest first. */
import type { DeploymentRow, ServiceDetails } from "../../../api/shapes.ts";
import { renderStep } from "../../../model/deployment/progress.ts";
import type { Display } from "../../cli/definition.ts";
import { colourWith } from "../../output/colours.ts";
import type { Column, Row, Table } from "../../output/table.ts";
import { renderWhen } from "../../output/time.ts";

type Shown = Pick<
  DeploymentRow,
  "from" | "to" | "subject" | "author" | "trigger" | "by" | "reason" | "startedAt" | "tookMs" | "tries"
> & { readonly result: string };

/** With the running deployment on top, if any; one that has ended meanwhile is listed once. */
export function tableOf(
  ended: readonly DeploymentRow[],
  details: Pick<ServiceDetails, "commit" | "deploying"> | null,
  display: Display,
): Table {
  const now = details === null ? null : underWay(details, display);
  const again = now === null || ended.some(({ startedAt }) => startedAt === now.startedAt);
  const rows: readonly Shown[] = again ? ended : [now, ...ended];
  return { columns: columns(display), rows: rows.map((row) => toCells(row, display)) };
}

function underWay(
  { commit, deploying }: Pick<ServiceDetails, "commit" | "deploying">,
  { now }: Display,
): Shown | null {
  if (deploying === null) return null;
  return {
    ...deploying,
    from: commit,
    to: deploying.commit,
    result: "deploying",
    reason: renderStep(deploying),
    startedAt: deploying.since,
    tookMs: Math.max(0, now.getTime() - Date.parse(deploying.since)),
    tries: 1,
  };
}

function columns(display: Display): readonly Column[] {
  return [
    { heading: "WHEN", cutOrder: 3, keep: 23 },
    { heading: "COMMIT" },
    { heading: "TRIGGER", dropOrder: 3 },
    { heading: "BY", cutOrder: 2, keep: 8, optional: true },
    { heading: "RESULT", ...colourWith({ done: "green", failed: "red", deploying: "yellow" }, display) },
    { heading: "TOOK", dropOrder: 1 },
    { heading: "TRIES", dropOrder: 2, optional: true },
    { heading: "AUTHOR", cutOrder: 2, keep: 8, optional: true },
    { heading: "SUBJECT", cutOrder: 1, keep: 16, optional: true },
    { heading: "REASON", below: true, optional: true },
  ];
}

function toCells(row: Shown, display: Display): Row {
  return [
    renderWhen(row.startedAt, display),
    wayOf(row.from, row.to),
    row.trigger,
    row.by ?? "",
    row.result,
    tookOf(row.tookMs),
    row.tries > 1 ? String(row.tries) : "",
    row.author ?? "",
    row.subject ?? "",
    row.reason,
  ];
}

/** `bbbbbbbb → aaaaaaaa`; only one commit when there was none before, or the same. */
function wayOf(from: string | null, to: string): string {
  const ends = from === null || from === to ? [to] : [from, to];
  return ends.map((commit) => commit.slice(0, 8)).join(" → ");
}

function tookOf(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
