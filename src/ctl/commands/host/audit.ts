/** `audit`: shows who requested which change, from where, and its result. */
import { auditReply } from "../../../api/shapes.ts";
import type { Command, CommandInput, Result, Session } from "../../cli/definition.ts";
import { get } from "../../connect/reply.ts";
import { sentenceOf } from "../../output/sentence.ts";
import { tableOf } from "../../output/table.ts";
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

async function run(input: CommandInput, { host, display }: Session): Promise<Result> {
  const path = `/api/v1/audit?limit=${textOf(input, "limit") ?? defaultLimit}`;
  const { value, json } = await get(host, auditReply, path);
  const table = tableOf(
    [
      { heading: "WHEN", cutOrder: 5, keep: 23, cell: ({ at }) => renderWhen(at, display) },
      { heading: "DOOR", dropOrder: 2, cell: ({ door }) => door },
      { heading: "FROM", cutOrder: 3, keep: 12, cell: ({ from }) => from },
      { heading: "STATUS", cell: ({ status }) => String(status) },
      { heading: "WHAT", below: true, cell: sentenceOf },
    ],
    value.entries,
  );
  return { shown: { table }, json };
}
