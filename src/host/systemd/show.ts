/** The properties for `systemctl show`, and a parser for its output: systemctl(1), org.freedesktop.systemd1(5). */
import { constants } from "node:os";
import type { UnitSeen } from "../../model/unit.ts";

const properties = [
  ...[
    "Id",
    "LoadState",
    "ActiveState",
    "SubState",
    "Result",
    "Job",
    "Type",
    "UnitFileState",
    "NeedDaemonReload",
  ],
  ...["ExecMainCode", "ExecMainStatus", "NRestarts", "TriggeredBy", "StateChangeTimestamp"],
  ...["ActiveEnterTimestamp", "FragmentPath", "DropInPaths", "SourcePath"],
  ...["CanReload", "Triggers", "Accept", "WantedBy", "RequiredBy", "UpheldBy"],
];

export function showArgv(units: readonly string[]): readonly string[] {
  return ["systemctl", "show", `--property=${properties.join(",")}`, "--", ...units];
}

/** Parses its output under TZ=UTC: a block of `Key=value` lines per unit, in the order of the request. */
export function parseShow(text: string): UnitSeen[] {
  return text
    .trim()
    .split(/\n\n+/)
    .map((block) => parseBlock(new Map(block.split("\n").map((line) => split(line)))));
}

function parseBlock(values: ReadonlyMap<string, string>): UnitSeen {
  const value = (key: string) => values.get(key) ?? "";
  return {
    id: value("Id"),
    load: value("LoadState"),
    active: value("ActiveState"),
    sub: value("SubState"),
    result: value("Result"),
    queued: !["", "0"].includes(value("Job")),
    type: value("Type"),
    file: value("UnitFileState"),
    needsDaemonReload: value("NeedDaemonReload") === "yes",
    ended: endOf(Number(value("ExecMainCode")), Number(value("ExecMainStatus"))),
    restarts: Number(value("NRestarts")),
    triggered: value("TriggeredBy") !== "",
    wanted: ["WantedBy", "RequiredBy", "UpheldBy"].some((key) => value(key) !== ""),
    // With Accept=yes each connection has its own service instance, which no socket waits for.
    triggers: value("Accept") === "yes" ? [] : words(value("Triggers")),
    canReload: value("CanReload") === "yes",
    changedAt: instant(value("StateChangeTimestamp")),
    activeAt: instant(value("ActiveEnterTimestamp")),
    files: ["FragmentPath", "SourcePath", "DropInPaths"].flatMap((key) => words(value(key))),
  };
}

function words(text: string): string[] {
  return text.split(" ").filter((word) => word !== "");
}

function split(line: string): [string, string] {
  const at = line.indexOf("=");
  return [line.slice(0, at), line.slice(at + 1)];
}

/** The codes are those of waitid(2): exited, killed, dumped. */
function endOf(code: number, status: number): string {
  if (code === 1) return `status ${status}`;
  if (code !== 2 && code !== 3) return "";
  const name = Object.entries(constants.signals).find(([, number]) => number === status)?.[0];
  return name ?? `signal ${status}`;
}

/** `Tue 2026-11-24 21:53:30 UTC`, or empty. */
function instant(text: string): Date | null {
  const [, day, time] = /^\S+ (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC$/.exec(text) ?? [];
  return day === undefined ? null : new Date(`${day}T${time}Z`);
}
