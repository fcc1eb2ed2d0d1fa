/** `log <service>`: its deployments, newest first. */
import { type DeploymentRow, deploymentsReply } from "../../api/shapes.ts";
import { dressWith } from "../colours.ts";
import type { CommandDefinition, Given, Look, Result, Session, Shown } from "../definition.ts";
import { askFor, pathOf } from "../reply.ts";
import type { Column, Row, Table } from "../table.ts";
import { renderWhen } from "../time.ts";
import { visibleLines } from "../visible.ts";
import { limitOption, oneService, serviceOf, textOf } from "./arguments.ts";

const defaultLimit = "20";

export const log: CommandDefinition = {
  name: "log",
  section: "Look",
  summary: "the service's deployments, newest first",
  arguments: [oneService],
  options: [
    limitOption("deployments", defaultLimit),
    { long: "output", help: "what checks, probes and units said when deployments failed" },
  ],
  act: { over: "hosts", run },
};

async function run(given: Given, { host, look }: Session): Promise<Result> {
  const withOutput = given.options.output === true;
  const route = `/api/v1/services/{}/deployments${withOutput ? "/output" : ""}`;
  const path = `${pathOf(route, serviceOf(given))}?limit=${textOf(given, "limit") ?? defaultLimit}`;
  const { value, json } = await askFor(host, deploymentsReply, { method: "GET", path });
  if (withOutput) return { shown: renderOutput(value.deployments, look), json };
  return { shown: { table: tableOf(value.deployments, look) }, json };
}

export function tableOf(deployments: readonly DeploymentRow[], look: Look): Table {
  return { columns: columns(look), rows: deployments.map((deployment) => toCells(deployment, look)) };
}

function columns(look: Look): readonly Column[] {
  return [
    { heading: "WHEN", cutOrder: 3, keep: 23 },
    { heading: "COMMIT" },
    { heading: "FROM", dropOrder: 1 },
    { heading: "TRIGGER" },
    { heading: "RESULT", ...dressWith({ done: "green", failed: "red" }, look) },
    { heading: "TOOK", dropOrder: 2 },
    { heading: "TRIES", optional: true },
    { heading: "REASON", below: true, optional: true },
  ];
}

function toCells(row: DeploymentRow, look: Look): Row {
  return [
    renderWhen(row.startedAt, look),
    row.to.slice(0, 8),
    row.from?.slice(0, 8) ?? "",
    row.trigger,
    row.result,
    tookOf(row.tookMs),
    row.tries > 1 ? String(row.tries) : "",
    row.reason,
  ];
}

/** The failed ones alone, each with what was kept of it. */
function renderOutput(deployments: readonly DeploymentRow[], look: Look): Shown {
  const failed = deployments.filter(({ output, journal }) => output || journal);
  if (failed.length === 0) return { message: "no check, probe or unit of these deployments said anything" };
  const blocks = failed.map(({ startedAt, to, failedAt, reason, output, journal }) => {
    const head = `${renderWhen(startedAt, look)}: ${to.slice(0, 8)} failed at ${failedAt}: ${reason}`;
    const said = [output, journal].flatMap((text) => visibleLines(text?.trimEnd() ?? ""));
    return [...visibleLines(head), ...said.filter(Boolean).map((line) => `    ${line}`)].join("\n");
  });
  return { text: `${blocks.join("\n\n")}\n` };
}

function tookOf(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
