/** `drift <service>`: shows what on the host differs from the commit. */
import { type DriftReply, driftDiffReply, driftReply } from "../../../api/shapes.ts";
import type { Command, CommandInput, Result, Session } from "../../cli/definition.ts";
import { visible } from "../../output/visible.ts";
import { oneService, serviceOf } from "../arguments.ts";
import { askService } from "../requests.ts";
import { renderDiff } from "./diff.ts";

export const drift: Command = {
  name: "drift",
  example: "drift nginx",
  section: "Show",
  summary: "show the drift of a service: local edits, attributes, mounts, and the unit",
  arguments: [oneService],
  options: [{ long: "diff", help: "show local edits as a patch" }],
  action: { over: "hosts", run },
};

const omittedMax = 10;

const columns = [
  { heading: "WHAT" },
  { heading: "WHERE", cutOrder: 2, keep: 24 },
  { heading: "IS", cutOrder: 1, keep: 12 },
];

function run(input: CommandInput, session: Session): Promise<Result> {
  return input.options.diff ? showDiff(input, session) : showList(input, session);
}

async function showDiff(input: CommandInput, { host, display }: Session): Promise<Result> {
  const { value, json } = await askService(host, serviceOf(input), driftDiffReply, "/drift/diff");
  const { diff, truncated, omitted } = value;
  const notes = [
    ...(truncated ? ["the diff is longer than 1 MiB: these are the names alone"] : []),
    ...omitted
      .slice(0, omittedMax)
      .map(({ path: file, why }) => `${visible(file)} is not shown: ${visible(why)}`),
    ...(omitted.length > omittedMax ? [`${omitted.length - omittedMax} more are not shown`] : []),
  ];
  if (diff === "" && omitted.length === 0) return { shown: { message: "no local edits" }, json };
  return { shown: { text: renderDiff(diff, display) }, json, note: notes.join("; ") };
}

async function showList(input: CommandInput, { host }: Session): Promise<Result> {
  const { value, json } = await askService(host, serviceOf(input), driftReply, "/drift");
  const rows = rowsOf(value);
  if (rows.length === 0 && value.drift === "") return { shown: { message: "no drift" }, json };
  const table = { columns, rows: rows.length > 0 ? rows : [["service", "", value.drift]] };
  return { shown: { table }, json, note: visible(value.more ?? "") };
}

/** Leaves out what does not differ. */
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
