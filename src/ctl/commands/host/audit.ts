/** `audit`: shows who requested which change, from where, and its result. */
import { type AuditEntry, auditReply } from "../../../api/shapes.ts";
import type { Command, CommandInput, Display, Result, Session } from "../../cli/definition.ts";
import { askFor } from "../../connect/reply.ts";
import { sentenceOf } from "../../output/sentence.ts";
import type { Column } from "../../output/table.ts";
import { renderWhen } from "../../output/time.ts";
import { limitOption, textOf } from "../arguments.ts";

const defaultLimit = "50";

export const audit: Command = {
  name: "audit",
  example: "audit --limit 20",
  section: "Access",
  summary: "show who requested which change from where, and the result; newest first",
  options: [limitOption("entries", defaultLimit)],
  action: { over: "hosts", run },
};

const columns: readonly Column[] = [
  { heading: "WHEN", cutOrder: 5, keep: 23 },
  { heading: "DOOR", dropOrder: 2 },
  { heading: "FROM", cutOrder: 3, keep: 12 },
  { heading: "STATUS" },
  { heading: "WHAT", below: true },
];

async function run(input: CommandInput, { host, display }: Session): Promise<Result> {
  const path = `/api/v1/audit?limit=${textOf(input, "limit") ?? defaultLimit}`;
  const { value, json } = await askFor(host, auditReply, { method: "GET", path });
  return { shown: { table: { columns, rows: value.entries.map((entry) => toCells(entry, display)) } }, json };
}

function toCells(entry: AuditEntry, display: Display): string[] {
  const { at, door, from, status } = entry;
  return [renderWhen(at, display), door, from, String(status), sentenceOf(entry)];
}
