/** `doctor`: what gitopper needs on the host, and what to do where it is missing. */
import { doctorReply } from "../../api/shapes.ts";
import { dressWith } from "../colours.ts";
import type { CommandDefinition, Result, Session } from "../definition.ts";
import { askFor } from "../reply.ts";

export const doctor: CommandDefinition = {
  name: "doctor",
  section: "Look",
  summary: "looks at what gitopper needs on the host, with what to do; ends with 1 if something fails",
  arguments: [],
  options: [],
  act: { over: "hosts", run },
};

async function run(_: unknown, { host, look }: Session): Promise<Result> {
  const { value, json } = await askFor(host, doctorReply, { method: "GET", path: "/api/v1/doctor" });
  const columns = [
    { heading: "RESULT", ...dressWith({ ok: "green", warning: "yellow", failed: "red" }, look) },
    { heading: "CHECK" },
    { heading: "DETAIL", cutOrder: 1, wrap: true as const },
  ];
  const rows = value.checks.flatMap(({ name, result, detail, remedy }) => [
    [result, name, detail],
    ...(remedy === "" ? [] : [["", "", `→ ${remedy}`]]),
  ]);
  const failed = value.checks.some(({ result }) => result === "failed");
  return { shown: { table: { columns, rows } }, json, ...(failed && { status: 1 }) };
}
