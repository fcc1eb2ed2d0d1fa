/** Runs a command that has been understood, and prints what came of it. */

import type { Act, Given, Look, Result, Session } from "./cli/definition.ts";
import type { Invocation } from "./cli/invocation.ts";
import { consult } from "./confirm.ts";
import type { Surroundings } from "./environment.ts";
import { Failure, UsageFailure } from "./failure.ts";
import { askEach, type Outcome, worstOf } from "./fan-out.ts";
import { follow } from "./follow.ts";
import { type Place, reach } from "./hosts/reach.ts";
import { presentMany, presentOne, remark } from "./output/present.ts";
import { showProgress } from "./output/progress.ts";

/** Gives the exit status: 0 all well, 1 something failed, 2 an answer is needed, 3 something is BROKEN or DIFF. */
export async function run(invocation: Invocation, surroundings: Surroundings): Promise<number> {
  const { act } = invocation.command;
  try {
    if (act.over === "nothing") return await act.run(invocation.given, surroundings);
    const { hosts, globals } = invocation;
    const places = reach({ hosts, ...globals }, surroundings);
    if (act.over === "time") {
      return await follow(act, places, { ...invocation, look: lookOf(globals, surroundings) }, surroundings);
    }
    return await runOverHosts(act, places, invocation, surroundings);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    surroundings.terminal.writeError(remark(error.message, surroundings.terminal));
    return error instanceof UsageFailure ? 2 : 1;
  }
}

type OverHosts = Extract<Act, { over: "hosts" }>;

async function runOverHosts(
  act: OverHosts,
  places: readonly Place[],
  { given, globals }: Invocation,
  surroundings: Surroundings,
): Promise<number> {
  const { terminal } = surroundings;
  const look = lookOf(globals, surroundings);
  const progress = showProgress(terminal, places.length);
  const { signal } = new AbortController();
  const sessionOf = ({ name, connection: host }: Place): Session => {
    return {
      name,
      host,
      look,
      clock: surroundings.clock,
      signal,
      progress: (text) => (text === "" ? progress.done(name) : progress.tell(name, text)),
      step: (text, where) => progress.step(name, text, where),
    };
  };
  const { agreed, refused } = await prepare(act, places, given, sessionOf, terminal);
  const ran = await askEach(
    places.filter((place) => !refused.has(place)),
    (place) => act.run(agreed, sessionOf(place)).finally(() => progress.done(place.name)),
  );
  const results = new Map(ran.map((outcome) => [outcome.place, outcome]));
  const outcomes = places.flatMap((place) => refused.get(place) ?? results.get(place) ?? []);
  print(outcomes, globals.json, look, surroundings);
  return statusOf(outcomes);
}

/** A host that cannot be asked beforehand is not changed either. */
async function prepare(
  act: OverHosts,
  places: readonly Place[],
  given: Given,
  sessionOf: (place: Place) => Session,
  terminal: Surroundings["terminal"],
): Promise<{ readonly agreed: Given; readonly refused: ReadonlyMap<Place, Outcome<Result>> }> {
  const { prepare: look } = act;
  if (look === undefined) return { agreed: given, refused: new Map() };
  const asked = await askEach(places, (place) => look(given, sessionOf(place)));
  const queries = asked.flatMap(({ result }) =>
    "value" in result && result.value !== null ? [result.value] : [],
  );
  const refused = asked.flatMap(({ place, result }) =>
    "failure" in result ? [[place, { place, result }] as const] : [],
  );
  return { agreed: await consult(given, queries, terminal), refused: new Map(refused) };
}

function print(
  outcomes: readonly Outcome<Result>[],
  json: boolean,
  { width }: Look,
  surroundings: Surroundings,
): void {
  const { write, writeError } = surroundings.terminal;
  const [first] = outcomes;
  const printed =
    outcomes.length === 1 && first !== undefined
      ? presentOne(first, json, width)
      : presentMany(outcomes, json, width);
  if (printed.stdout !== "") write(printed.stdout);
  for (const line of printed.stderr) writeError(remark(line, surroundings.terminal));
}

function statusOf(outcomes: readonly Outcome<Result>[]): number {
  return worstOf(outcomes.map(({ result }) => ("value" in result ? (result.value.status ?? 0) : 1)));
}

function lookOf({ colour, absolute }: Invocation["globals"], { terminal, clock }: Surroundings): Look {
  return {
    get width() {
      return terminal.width;
    },
    colour: colour === "auto" ? terminal.colour : colour === "always",
    absolute,
    now: clock.now(),
  };
}
