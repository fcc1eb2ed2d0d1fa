/** The routes of both generations of the original, and the daemon's own health. */
import * as z from "zod/mini";
import type { Host } from "./host.ts";
import { machinesReply, serviceReply, servicesReply, toServiceRow } from "./original-shapes.ts";
import { answered, json, problem } from "./problem.ts";
import { anything, type Reply, type Route, route } from "./route.ts";
import { messageReply } from "./shapes.ts";

const listing = { method: "GET", role: "read", query: anything, body: anything } as const;
const listMachines = {
  ...listing,
  reply: machinesReply,
  handle: (host: Host) => json(200, { machines: host.machines() }),
};
const listServices = {
  ...listing,
  reply: servicesReply,
  handle: (host: Host) => json(200, { services: host.services().map(toServiceRow) }),
};
const changing = { ...listing, method: "POST", role: "operate", reply: messageReply } as const;
const noReason = (by: string) => ({ by, reason: "" });

export const originalRoutes: readonly Route[] = [
  route({
    ...listMachines,
    path: "/list/machines",
    purpose: "The machines of the config, and the actual hostname.",
  }),
  route({
    ...listMachines,
    path: "/list/machine",
    purpose: "The same; the path of the original's later version.",
  }),
  route({
    ...listServices,
    path: "/list/services",
    purpose: "All services of this host: commit, state, info, and last change.",
  }),
  route({
    ...listServices,
    path: "/list/service",
    purpose: "The same; the path of the original's later version.",
  }),
  route({
    ...listing,
    path: "/list/service/{service}",
    purpose: "One service, as fields and as a list with one entry, for the two clients of the original.",
    reply: serviceReply,
    handle: (host, { params }) => listService(host, params.service ?? ""),
  }),
  route({
    ...changing,
    path: "/state/freeze/{service}",
    act: "freeze",
    purpose: "Stop following upstream; the files stay as they are.",
    handle: (host, { params, caller }) =>
      answered(host.freeze(params.service ?? "", { ...noReason(caller.who), until: null })),
  }),
  route({
    ...changing,
    path: "/state/unfreeze/{service}",
    act: "unfreeze",
    purpose: "Follow upstream again, and poll it now.",
    handle: (host, { params, caller }) => answered(host.unfreeze(params.service ?? "", { by: caller.who })),
  }),
  route({
    ...changing,
    path: "/state/rollback/{service}/{hash}",
    act: "rollback",
    purpose:
      "Deploy a commit of the branch's history, given by its full id or an unambiguous prefix, and stay there.",
    handle: (host, { params, caller }) =>
      answered(host.rollback(params.service ?? "", { ...noReason(caller.who), hash: params.hash ?? "" })),
  }),
  route({
    ...changing,
    path: "/state/pull/{service}",
    act: "pull",
    purpose: "Poll upstream now.",
    handle: (host, { params, caller }) =>
      answered(
        host.pull(params.service ?? "", { ...noReason(caller.who), overrideWindow: false, again: false }),
      ),
  }),
  route({
    ...listing,
    path: "/healthz",
    purpose: "200 if the daemon is healthy, otherwise 503 with the reason.",
    reply: z.object({ status: z.literal("ok") }),
    handle: health,
  }),
];

function listService(host: Host, service: string): Reply {
  const found = host.services().find((status) => status.service === service);
  if (found === undefined) return problem(404, `There is no service "${service}" on this host`);
  const row = toServiceRow(found);
  return json(200, { ...row, services: [row] });
}

function health(host: Host): Reply {
  const stuckReason = host.stuckReason();
  return stuckReason === "" ? json(200, { status: "ok" }) : problem(503, stuckReason);
}
