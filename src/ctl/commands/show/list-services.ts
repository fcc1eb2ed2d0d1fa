/** `list services` and `list service [service]`: lists commit, state, and since when. */
import { type ServiceRow, servicesReply } from "../../../api/original-shapes.ts";
import type { Command, CommandInput, Display, Result, Session } from "../../cli/definition.ts";
import { askFor, pathOf } from "../../connect/reply.ts";
import { colourWith, stateColours } from "../../output/colours.ts";
import type { Column, Row } from "../../output/table.ts";
import { maybeService } from "../arguments.ts";

export const listServices: Command = {
  name: "list services",
  example: "list services @web1",
  section: "As in the original",
  summary: "list all services of the host, with commit and state",
  action: { over: "hosts", run },
};

export const listService: Command = {
  name: "list service",
  example: "list service @web1 nginx --machine-readable",
  section: "As in the original",
  summary: "list one service, or all",
  arguments: [maybeService],
  action: { over: "hosts", run },
};

async function run({ arguments: { service } }: CommandInput, { host, display }: Session): Promise<Result> {
  const path = service === undefined ? "/list/services" : pathOf("/list/service/{}", service);
  const { value, json } = await askFor(host, servicesReply, { method: "GET", path });
  return { shown: { table: { columns: columns(display), rows: value.services.map(toCells) } }, json };
}

function columns(display: Display): readonly Column[] {
  return [
    { heading: "#" },
    { heading: "SERVICE", cutOrder: 1, keep: 18 },
    { heading: "HASH" },
    { heading: "STATE", ...colourWith(stateColours, display) },
    { heading: "INFO", below: true },
    { heading: "CHANGED", cutOrder: 2 },
  ];
}

function toCells(row: ServiceRow, index: number): Row {
  return [String(index), row.service, row.hash.slice(0, 8), row.state, row.stateinfo, row.change];
}
