/** The events of the service `app`. */
import { eventsReply } from "../../src/api/event-shapes.ts";
import type { Gitopper } from "../host/gitopper.ts";
import { untilEvent } from "../host/unit.ts";
import type { Scene } from "./scene.ts";

/** The id of the last event of the service; 0: there is none. */
export async function lastEventId(gitopper: Gitopper): Promise<number> {
  const { json } = await gitopper.get("/api/v1/services/app/events?limit=500");
  return Math.max(0, ...eventsReply.parse(json).events.map(({ id }) => id));
}

/** The texts of the `count` events after one, such as `OK → BROKEN: the unit died`. @throws when they do not come */
export async function eventTextsAfter(gitopper: Gitopper, eventId: number, count: number): Promise<string[]> {
  return (await gitopper.events(eventId, count)).map(({ text }) => text);
}

/** Waits until the first commit is deployed and no work is left; returns the last event's id. */
export async function untilDeployed({ host, gitopper }: Scene): Promise<number> {
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", (row) => row.state === "OK" && row.hash !== "");
  return lastEventId(gitopper);
}
