/** `watch [service]`: show events as they happen, until Ctrl-C; resumes after a lost connection. */

import * as z from "zod/mini";
import type { EventRow, ProgressRow } from "../../../api/event-shapes.ts";
import { renderStep } from "../../../model/deployment/progress.ts";
import type { Command, CommandInput, Display, LineOutput, Session } from "../../cli/definition.ts";
import { eventsOf } from "../../connect/server-sent-events.ts";
import { Failure, keepFailure } from "../../failure.ts";
import { paint, stateColours } from "../../output/colours.ts";
import { indented } from "../../output/present.ts";
import { latest } from "../../output/progress.ts";
import {
  hasNewStep,
  renderCompletedSteps,
  renderEndedSteps,
  type SeenSteps,
  withStep,
} from "../../output/seen-steps.ts";
import { renderSteps } from "../../output/steps.ts";
import { renderInstant } from "../../output/time.ts";
import { roomBeside, visible, widthOf, wrap } from "../../output/visible.ts";
import { maybeService } from "../arguments.ts";
import { askService } from "../requests.ts";

export const watch: Command = {
  name: "watch",
  example: "watch nginx",
  section: "Show",
  summary: "show events as they happen, until Ctrl-C",
  about:
    "On a terminal, the last line shows the steps of a running deployment; otherwise each step is a line. " +
    "With --json, one event per line, without the steps. After a lost connection it reconnects and misses only steps.",
  arguments: [maybeService],
  action: { over: "time", run },
};

const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

/** @throws Failure when the first connection fails; later ones are retried */
async function run(
  { arguments: { service } }: CommandInput,
  session: Session,
  output: LineOutput,
): Promise<void> {
  const { host, signal, clock } = session;
  // An unknown service would never have events.
  if (service !== undefined) await askService(host, service, z.unknown(), "");
  const { onEvent, forget } = listener(session, output);
  let lastEventId: string | null = null;
  let lost = false;
  let pauseMs = firstPauseMs;
  while (!signal.aborted) {
    const end = await follow(session, lastEventId, (event, json, isFirst) => {
      if (isFirst && lost) output.remark("connected again");
      if (event !== null && (service === undefined || event.service === service)) onEvent(event, json);
    });
    if (signal.aborted) return;
    if (end.begun) pauseMs = firstPauseMs;
    else if (!lost) throw end.why;
    lost = true;
    lastEventId = end.lastEventId;
    forget();
    output.remark(`${end.why.message}; tries again in ${pauseMs / 1_000} s`);
    await clock.sleep(pauseMs, signal);
    pauseMs = Math.min(longestPauseMs, pauseMs * 2);
  }
}

/** Prints events, with the steps of running deployments. */
function listener({ display, progress, step }: Session, output: LineOutput) {
  const trails = new Map<string, SeenSteps>();
  const draw = () => {
    const lines = [...trails].map(([service, steps]) => renderSteps(service, steps));
    progress(lines.length === 1 ? (lines[0] ?? "") : lines.map(latest).join("; "));
  };
  const onProgress = (row: ProgressRow) => {
    const before = trails.get(row.service) ?? null;
    const steps = withStep(before, row);
    trails.set(row.service, steps);
    draw();
    if (hasNewStep(before, steps)) step(renderBegun(row, display));
  };
  return {
    onEvent: (event: EventRow | ProgressRow, json: string) => {
      if (event.type === "progress") return onProgress(event);
      const steps = event.type === "state-changed" ? undefined : trails.get(event.service);
      if (event.type !== "state-changed") trails.delete(event.service);
      draw();
      output.line(renderEnded(event, steps, display), json);
    },
    /** Called when the stream of events ends: no end of these deployments will arrive. */
    forget: () => {
      trails.clear();
      draw();
    },
  };
}

/** Null: a sign of life. */
type Take = (event: EventRow | ProgressRow | null, json: string, isFirst: boolean) => void;

/** Takes events until the connection ends, and returns what is needed to resume. */
async function follow({ host, signal }: Session, after: string | null, take: Take) {
  const end = { begun: false, lastEventId: after, why: new Failure("The connection has ended") };
  try {
    for await (const { id, event, json } of eventsOf(host, after, signal)) {
      take(event, json, !end.begun);
      end.begun = true;
      end.lastEventId = id ?? end.lastEventId;
    }
  } catch (error) {
    end.why = keepFailure(error);
  }
  return end;
}

/** Formatted like an event, without a state, which is not known yet. */
function renderBegun(row: ProgressRow, display: Display): string {
  return renderEvent({ ...row, state: null, text: renderStep({ ...row, probe: "" }) }, display);
}

/** The steps follow the end of a deployment; on a terminal on a line of their own. */
function renderEnded(event: EventRow, steps: SeenSteps | undefined, display: Display): string {
  const line = renderEvent(event, display);
  if (steps === undefined) return line;
  const done = visible(
    event.text.startsWith("deployed ") ? renderCompletedSteps(steps) : renderEndedSteps(steps),
  );
  return display.width === null ? `${line} [${done}]` : [line, ...indented([done], display)].join("\n");
}

function renderEvent(
  { at, service, state, text, commit }: Pick<EventRow, "at" | "service" | "state" | "text" | "commit">,
  display: Display,
): string {
  const name = state ?? "";
  const colour = display.colour && Object.hasOwn(stateColours, name) ? stateColours[name] : undefined;
  const padded = name.padEnd("ROLLBACK".length);
  const shown = colour === undefined ? padded : paint(padded, colour);
  const when = display.absolute ? renderInstant(at) : timeOfDay(at);
  const about = `  ${visible(service)}  ${commit?.slice(0, 8) ?? "-"}`;
  const [first = "", ...more] = wrap(
    visible(text),
    roomBeside(widthOf(`${when}  ${padded}${about}  `), display),
  );
  return [`${when}  ${shown}${about}  ${first}`, ...indented(more, display)].join("\n");
}

/** Local time, to the second. */
function timeOfDay(instant: string): string {
  return new Date(instant).toTimeString().slice(0, 8);
}
