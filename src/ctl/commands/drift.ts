/** `drift <service>`: what on the host is not as the commit has it. */
import { type DriftReply, driftReply } from "../../api/shapes.ts";
import type { CommandDefinition, Given, Result, Session } from "../definition.ts";
import { askFor, pathOf } from "../reply.ts";
import { oneService, serviceOf } from "./arguments.ts";

export const drift: CommandDefinition = {
  name: "drift",
  section: "Look",
  summary: "what on the host is not as the commit has it: local edits, mounts, the unit",
  arguments: [oneService],
  options: [],
  act: { over: "hosts", run },
};

const columns = [
  { heading: "WHAT" },
  { heading: "WHERE", cutOrder: 2, keep: 24 },
  { heading: "IS", cutOrder: 1, keep: 12 },
];

async function run(given: Given, { host }: Session): Promise<Result> {
  const path = pathOf("/api/v1/services/{}/drift", serviceOf(given));
  const { value, json } = await askFor(host, driftReply, { method: "GET", path });
  const rows = rowsOf(value);
  if (rows.length === 0 && value.drift === "") return { shown: { message: "no drift" }, json };
  return {
    shown: { table: { columns, rows: rows.length > 0 ? rows : [["service", "", value.drift]] } },
    json,
  };
}

/** What is as it should be is not drift, so it is left out. */
function rowsOf({ edits, attributes, mounts, unit }: DriftReply): string[][] {
  return [
    ...edits.map(({ path, kind }) => ["file", path, kind]),
    ...attributes.map(({ path, is, instead }) => ["file", path, `${is} instead of ${instead}`]),
    ...mounts
      .filter(({ is }) => is !== "mounted")
      .map(({ local, link, is }) => ["mount", local, `${is}, of ${link}`]),
    ...(unit === null || unit.active === "active" || unit.active === "reloading"
      ? []
      : [["unit", unit.file, `${unit.active} (${unit.load})`]]),
  ];
}
