/** `doctor`: checks what gitopper needs on the host, and says what to do about problems. */
import { type DoctorCheck, doctorReply } from "../../../api/shapes.ts";
import type { Command, Display, Result, Session } from "../../cli/definition.ts";
import { get } from "../../connect/reply.ts";
import { colourWith } from "../../output/colours.ts";
import type { Column, Row } from "../../output/table.ts";

export const doctor: Command = {
  name: "doctor",
  example: "doctor @web1",
  section: "Show",
  summary: "examine what gitopper needs on the host, with remedies; exits with 1 if something fails",
  action: { over: "hosts", run },
};

async function run(_: unknown, { host, display }: Session): Promise<Result> {
  const { value, json } = await get(host, doctorReply, "/api/v1/doctor");
  const columns: readonly Column[] = [
    { heading: "RESULT", ...colourWith({ ok: "green", warning: "yellow", failed: "red" }, display) },
    { heading: "CHECK", cutOrder: 1, keep: 32 },
    { heading: "DETAIL", cutOrder: 2, keep: 24, wrap: true },
    { heading: "WHAT TO DO", below: true, optional: true },
  ];
  const rows = value.checks.map((check) => toCells(check, display));
  const failed = value.checks.some(({ result }) => result === "failed");
  return { shown: { table: { columns, rows } }, json, ...(failed && { status: 1 }) };
}

/** On a terminal each problem has lines of its own, wrapped, with what to do about it. */
function toCells({ name, result, detail, remedy }: DoctorCheck, { width }: Display): Row {
  const todo = remedy === "" ? "" : `→ ${remedy}`;
  if (width === null || todo === "") return [result, name, detail, todo];
  return [result, name, "", `${detail}\n${todo}`];
}
