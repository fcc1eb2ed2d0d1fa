/** The JSON of the original's routes. */
import * as z from "zod/mini";
import { renderProgress } from "../model/deployment/progress.ts";
import { infoOf } from "../model/state.ts";
import type { SeenService } from "./host.ts";

export const machinesReply = z.object({
  machines: z.array(z.object({ machine: z.string(), actual: z.string() })),
});

const serviceRow = z.object({
  service: z.string(),
  hash: z.string(),
  state: z.string(),
  stateinfo: z.string(),
  /** RFC 1123, in UTC: `Fri, 18 Nov 2022 09:14:52 UTC`. */
  change: z.string(),
});
export type ServiceRow = z.infer<typeof serviceRow>;

export const servicesReply = z.object({ services: z.array(serviceRow) });

/** The original's REST client reads one service from top-level fields, its SSH client from `services`. */
export const serviceReply = z.extend(serviceRow, servicesReply.shape);

/** A service in the original's JSON; `hash` is empty before the first deployment. */
export function toServiceRow(status: SeenService): ServiceRow {
  const doing = status.progress ? renderProgress(status.progress) : "";
  return {
    service: status.service,
    hash: status.commit ?? "",
    state: status.state.name,
    stateinfo: [doing, infoOf(status.state)].filter(Boolean).join("; "),
    change: status.changedAt.toUTCString().replace(/GMT$/, "UTC"),
  };
}
