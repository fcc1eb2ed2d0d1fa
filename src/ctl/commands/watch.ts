/** `watch [service]`: what happens, as it happens, until Ctrl-C; goes on after a lost connection where it was. */

import * as z from "zod/mini";
import { type ProgressRow, progressRow } from "../../api/deploying-shape.ts";
import { type EventRow, eventRow } from "../../api/shapes.ts";
import { paint, stateColours } from "../colours.ts";
import type { CommandDefinition, Given, Look, Say, Session } from "../definition.ts";
import { Failure } from "../failure.ts";
import { parseJson } from "../reply.ts";
import { parseEvents } from "../server-sent-events.ts";
import { renderInstant } from "../time.ts";
import { visible } from "../visible.ts";
import { maybeService } from "./arguments.ts";

export const watch: CommandDefinition = {
  name: "watch",
  section: "Look",
  summary: "what happens, as it happens, until Ctrl-C",
  about: "With --json, one event a line. A lost connection is made again, and nothing in between is missed.",
  arguments: [maybeService],
  options: [],
  act: { over: "time", run },
};

const streamed = z.union([eventRow, progressRow]);
const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

/** @throws Failure when the first connection fails; later ones are tried again */
async function run({ arguments: { service } }: Given, session: Session, say: Say): Promise<void> {
  const { look, signal, clock } = session;
  const tell = (event: EventRow, json: string) => {
    if (service === undefined || event.service === service) say.line(renderEvent(event, look), json);
  };
  let lastEventId: string | null = null;
  let lost = false;
  let pauseMs = firstPauseMs;
  while (!signal.aborted) {
    const end = await follow(session, lastEventId, {
      tell,
      begun: () => lost && say.remark("connected again"),
    });
    if (signal.aborted) return;
    if (end.begun) pauseMs = firstPauseMs;
    else if (!lost) throw end.why;
    lost = true;
    lastEventId = end.lastEventId;
    say.remark(`${end.why.message}; tries again in ${pauseMs / 1_000} s`);
    await clock.sleep(pauseMs, signal);
    pauseMs = Math.min(longestPauseMs, pauseMs * 2);
  }
}

interface Listener {
  readonly tell: (event: EventRow, json: string) => void;
  readonly begun: () => void;
}

/** Listens until the connection ends, and gives what is needed to go on from there. */
async function follow({ host, signal }: Session, after: string | null, { tell, begun }: Listener) {
  const end = { begun: false, lastEventId: after, why: new Failure("The connection has ended") };
  try {
    const question = { method: "GET", path: "/api/v1/events", lastEventId: after } as const;
    for await (const { id, data } of parseEvents(host.follow(question, signal))) {
      if (!end.begun) begun();
      end.begun = true;
      const event = data === "" ? null : readEvent(data);
      if (event !== null && event.type !== "progress") tell(event, data);
      end.lastEventId = id ?? end.lastEventId;
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    end.why = error;
  }
  return end;
}

function readEvent(data: string): EventRow | ProgressRow {
  const read = z.safeParse(streamed, parseJson(data));
  if (read.success) return read.data;
  throw new Failure("Cannot read an event: it is not gitopper's JSON; check host and port");
}

function renderEvent({ at, service, state, text, commit }: EventRow, look: Look): string {
  const name = state ?? "";
  const colour = look.colour && Object.hasOwn(stateColours, name) ? stateColours[name] : undefined;
  const padded = name.padEnd("ROLLBACK".length);
  const shown = colour === undefined ? padded : paint(padded, colour);
  const when = look.absolute ? renderInstant(at) : timeOfDay(at);
  return `${when}  ${shown}  ${visible(service)}  ${commit?.slice(0, 8) ?? "-"}  ${visible(text)}`;
}

/** Local, to the second. */
function timeOfDay(instant: string): string {
  return new Date(instant).toTimeString().slice(0, 8);
}
