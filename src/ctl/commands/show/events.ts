/** `events <service>`: shows its events, oldest first. */
import { type EventRow, eventsReply } from "../../../api/event-shapes.ts";
import type { Command, CommandInput, Result, Session } from "../../cli/definition.ts";
import { colourWith, stateColours } from "../../output/colours.ts";
import { type ColumnOf, tableOf } from "../../output/table.ts";
import { renderWhen } from "../../output/time.ts";
import { limitOption, oneService, serviceOf, textOf } from "../arguments.ts";
import { askService } from "../requests.ts";

const defaultLimit = "50";
const pageSize = 500;
/** More than a daemon keeps for one service. */
const pagesMax = 20;

export const events: Command = {
  name: "events",
  example: "events nginx --limit 20",
  section: "Show",
  summary: "show the events of the service, newest last",
  arguments: [oneService],
  options: [limitOption("events", defaultLimit)],
  action: { over: "hosts", run },
};

async function run(input: CommandInput, { host, display }: Session): Promise<Result> {
  const all = await askEvents(host, serviceOf(input));
  const newest = all.slice(-Number(textOf(input, "limit") ?? defaultLimit));
  const columns: readonly ColumnOf<EventRow>[] = [
    { heading: "WHEN", cutOrder: 2, keep: 23, cell: ({ at }) => renderWhen(at, display) },
    { heading: "STATE", ...colourWith(stateColours, display), cell: ({ state }) => state ?? "" },
    { heading: "COMMIT", cell: ({ commit }) => commit?.slice(0, 8) ?? "" },
    { heading: "EVENT", cutOrder: 1, keep: 16, wrap: true, cell: ({ text }) => text },
  ];
  return { shown: { table: tableOf(columns, newest) }, json: JSON.stringify({ events: newest }) };
}

/** The API lists the oldest first. */
async function askEvents(host: Session["host"], service: string): Promise<EventRow[]> {
  const all: EventRow[] = [];
  for (let page = 0; page < pagesMax; page++) {
    const what = `/events?limit=${pageSize}&after=${all.at(-1)?.id ?? 0}`;
    const { value } = await askService(host, service, eventsReply, what);
    all.push(...value.events);
    if (value.events.length < pageSize) break;
  }
  return all;
}
