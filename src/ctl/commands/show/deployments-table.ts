/** The deployments of a service as a table, newest first. */
import type { DeploymentRow, ServiceDetails } from "../../../api/shapes.ts";
import { renderStep } from "../../../model/deployment/progress.ts";
import type { Display } from "../../cli/definition.ts";
import { colourWith } from "../../output/colours.ts";
import { type ColumnOf, type Table, tableOf } from "../../output/table.ts";
import { renderWhen } from "../../output/time.ts";

type Shown = Pick<
  DeploymentRow,
  "from" | "to" | "subject" | "author" | "trigger" | "by" | "reason" | "startedAt" | "tookMs" | "tries"
> & { readonly result: string };

/** With the running deployment on top, if any; one that has ended meanwhile is listed once. */
export function deploymentsTable(
  ended: readonly DeploymentRow[],
  details: ServiceDetails | null,
  display: Display,
): Table {
  const now = details === null ? null : underWay(details, display);
  const again = now === null || ended.some(({ startedAt }) => startedAt === now.startedAt);
  return tableOf<Shown>(columns(display), again ? ended : [now, ...ended]);
}

function underWay({ commit, deploying }: ServiceDetails, { now }: Display): Shown | null {
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

function columns(display: Display): readonly ColumnOf<Shown>[] {
  const colour = colourWith({ done: "green", failed: "red", deploying: "yellow" }, display);
  return [
    { heading: "WHEN", cutOrder: 3, keep: 23, cell: ({ startedAt }) => renderWhen(startedAt, display) },
    { heading: "COMMIT", cell: ({ from, to }) => wayOf(from, to) },
    { heading: "TRIGGER", dropOrder: 3, cell: ({ trigger }) => trigger },
    { heading: "BY", cutOrder: 2, keep: 8, optional: true, cell: ({ by }) => by ?? "" },
    { heading: "RESULT", ...colour, cell: ({ result }) => result },
    { heading: "TOOK", dropOrder: 1, cell: ({ tookMs }) => tookOf(tookMs) },
    { heading: "TRIES", dropOrder: 2, optional: true, cell: ({ tries }) => (tries > 1 ? String(tries) : "") },
    { heading: "AUTHOR", cutOrder: 2, keep: 8, optional: true, cell: ({ author }) => author ?? "" },
    { heading: "SUBJECT", cutOrder: 1, keep: 16, optional: true, cell: ({ subject }) => subject ?? "" },
    { heading: "REASON", below: true, optional: true, cell: ({ reason }) => reason },
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
