/** `list machines`: lists the names of a host. */
import { machinesReply } from "../../../api/original-shapes.ts";
import type { Command, Result, Session } from "../../cli/definition.ts";
import { askFor } from "../../connect/reply.ts";
import type { Column } from "../../output/table.ts";

const columns: readonly Column[] = [{ heading: "#" }, { heading: "MACHINE" }, { heading: "ACTUAL" }];

export const listMachines: Command = {
  name: "list machines",
  example: "list machines",
  section: "As in the original",
  summary: "list the names of the host",
  action: { over: "hosts", run },
};

async function run(_: unknown, { host }: Session): Promise<Result> {
  const { value, json } = await askFor(host, machinesReply, { method: "GET", path: "/list/machines" });
  const rows = value.machines.map(({ machine, actual }, index) => [String(index), machine, actual]);
  return { shown: { table: { columns, rows } }, json };
}
