/** The commands of the original: `list`, and `state` or `do`, which change without prompts. */
import { machinesReply, type ServiceRow, servicesReply } from "../../api/original-shapes.ts";
import type { Command, CommandInput, Display, Result, Session } from "../cli/definition.ts";
import { get, pathOf } from "../connect/reply.ts";
import { colourWith, stateColours } from "../output/colours.ts";
import { type ColumnOf, tableOf } from "../output/table.ts";
import { maybeService, oneService, serviceOf } from "./arguments.ts";
import { requestChange } from "./requests.ts";

const verbs = [
  { verb: "freeze", summary: "stop following upstream, and keep the current commit" },
  { verb: "unfreeze", summary: "follow upstream again" },
  { verb: "rollback", summary: "go back to a commit (full or short id), and stay there" },
  { verb: "pull", summary: "poll upstream now" },
] as const;

const changes: readonly Command[] = ["state", "do"].flatMap((group) =>
  verbs.map(({ verb, summary }) => ({
    name: `${group} ${verb}`,
    example: `${group} ${verb} @web1 nginx${verb === "rollback" ? " 1a2b3c4d" : ""}`,
    section: "As in the original",
    summary,
    arguments: verb === "rollback" ? [oneService, { name: "hash" }] : [oneService],
    action: { over: "hosts", run: (input, session) => change(verb, input, session) },
  })),
);

export const originals: readonly Command[] = [
  {
    name: "list machines",
    example: "list machines",
    section: "As in the original",
    summary: "list the names of the host",
    action: { over: "hosts", run: runMachines },
  },
  {
    name: "list services",
    example: "list services @web1",
    section: "As in the original",
    summary: "list all services of the host, with commit and state",
    action: { over: "hosts", run: runServices },
  },
  {
    name: "list service",
    example: "list service @web1 nginx --machine-readable",
    section: "As in the original",
    summary: "list one service, or all",
    arguments: [maybeService],
    action: { over: "hosts", run: runServices },
  },
  ...changes,
];

async function runMachines(_: unknown, { host }: Session): Promise<Result> {
  const { value, json } = await get(host, machinesReply, "/list/machines");
  const table = tableOf(
    [
      { heading: "#", cell: (_, index) => String(index) },
      { heading: "MACHINE", cell: ({ machine }) => machine },
      { heading: "ACTUAL", cell: ({ actual }) => actual },
    ],
    value.machines,
  );
  return { shown: { table }, json };
}

async function runServices(
  { arguments: { service } }: CommandInput,
  { host, display }: Session,
): Promise<Result> {
  const path = service === undefined ? "/list/services" : pathOf("/list/service/{}", service);
  const { value, json } = await get(host, servicesReply, path);
  return { shown: { table: tableOf(columns(display), value.services) }, json };
}

/** Since when a service is in its state is in CHANGED. */
function columns(display: Display): readonly ColumnOf<ServiceRow>[] {
  return [
    { heading: "#", cell: (_, index) => String(index) },
    { heading: "SERVICE", cutOrder: 1, keep: 18, cell: ({ service }) => service },
    { heading: "HASH", cell: ({ hash }) => hash.slice(0, 8) },
    { heading: "STATE", ...colourWith(stateColours, display), cell: ({ state }) => state },
    { heading: "INFO", below: true, cell: ({ stateinfo }) => stateinfo },
    { heading: "CHANGED", cutOrder: 2, cell: ({ change }) => change },
  ];
}

async function change(verb: string, input: CommandInput, { host }: Session): Promise<Result> {
  const { hash } = input.arguments;
  const words = [verb, serviceOf(input), ...(hash === undefined ? [] : [hash])];
  const path = pathOf(`/state${"/{}".repeat(words.length)}`, ...words);
  return requestChange(host, { method: "POST", path });
}
