/** Runs a parsed command, and prints its result. */

import type { Invocation } from "./cli/command-line.ts";
import type { Action, CommandInput, Display, Result, Session } from "./cli/definition.ts";
import { confirm } from "./confirm.ts";
import type { Environment } from "./environment.ts";
import { Failure, UsageFailure } from "./failure.ts";
import { askEach, type Outcome, worstOf } from "./fan-out.ts";
import { follow } from "./follow.ts";
import { type Endpoint, reach } from "./hosts/reach.ts";
import { presentMany, presentOne, remark } from "./output/present.ts";
import { showProgress } from "./output/progress.ts";

/** Returns the exit status: 0 all well, 1 something failed, 2 an answer is needed, 3 something is BROKEN or DIFF. */
export async function run(invocation: Invocation, environment: Environment): Promise<number> {
  const { action } = invocation.command;
  try {
    if (action.over === "nothing") return await action.run(invocation.input, environment);
    const { hosts, globals } = invocation;
    const endpoints = reach({ hosts, ...globals }, environment);
    if (action.over === "time") {
      const options = { ...invocation, display: displayOptionsOf(globals, environment) };
      return await follow(action, endpoints, options, environment);
    }
    return await runOverHosts(action, endpoints, invocation, environment);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    environment.terminal.writeError(remark(error.message, environment.terminal));
    return error instanceof UsageFailure ? 2 : 1;
  }
}

type OverHosts = Extract<Action, { over: "hosts" }>;

async function runOverHosts(
  action: OverHosts,
  endpoints: readonly Endpoint[],
  { input, globals }: Invocation,
  environment: Environment,
): Promise<number> {
  const { terminal } = environment;
  const display = displayOptionsOf(globals, environment);
  const progress = showProgress(terminal, endpoints.length);
  const { signal } = new AbortController();
  const sessionOf = ({ name, connection: host }: Endpoint): Session => {
    return {
      name,
      host,
      display,
      clock: environment.clock,
      signal,
      progress: (text) => (text === "" ? progress.done(name) : progress.show(name, text)),
      step: (text, where) => progress.step(name, text, where),
    };
  };
  const { confirmed, refused } = await prepare(action, { endpoints, input, sessionOf }, terminal);
  const ran = await askEach(
    endpoints.filter((endpoint) => !refused.has(endpoint)),
    (endpoint) => action.run(confirmed, sessionOf(endpoint)).finally(() => progress.done(endpoint.name)),
  );
  const results = new Map(ran.map((outcome) => [outcome.endpoint, outcome]));
  const outcomes = endpoints.flatMap((endpoint) => refused.get(endpoint) ?? results.get(endpoint) ?? []);
  print(outcomes, globals.json, display, environment);
  return worstOf(outcomes.map(({ result }) => (result instanceof Failure ? 1 : (result.status ?? 0))));
}

interface Preparing {
  readonly endpoints: readonly Endpoint[];
  readonly input: CommandInput;
  readonly sessionOf: (endpoint: Endpoint) => Session;
}

/** A host that does not answer beforehand is not changed. */
async function prepare(
  action: OverHosts,
  { endpoints, input, sessionOf }: Preparing,
  terminal: Environment["terminal"],
): Promise<{ readonly confirmed: CommandInput; readonly refused: ReadonlyMap<Endpoint, Outcome<Result>> }> {
  const { prepare: prepareOne } = action;
  if (prepareOne === undefined) return { confirmed: input, refused: new Map() };
  const prepared = await askEach(endpoints, (endpoint) => prepareOne(input, sessionOf(endpoint)));
  const prompts = prepared.flatMap(({ result }) => (result instanceof Failure ? [] : (result ?? [])));
  const refused = prepared.flatMap(({ endpoint, result }) =>
    result instanceof Failure ? [[endpoint, { endpoint, result }] as const] : [],
  );
  return { confirmed: await confirm(input, prompts, terminal), refused: new Map(refused) };
}

function print(
  outcomes: readonly Outcome<Result>[],
  json: boolean,
  { width }: Display,
  environment: Environment,
): void {
  const { write, writeError } = environment.terminal;
  const [first] = outcomes;
  const printed =
    outcomes.length === 1 && first !== undefined
      ? presentOne(first, json, width)
      : presentMany(outcomes, json, width);
  if (printed.stdout !== "") write(printed.stdout);
  for (const line of printed.stderr) writeError(remark(line, environment.terminal));
}

function displayOptionsOf(
  { colour, absolute }: Invocation["globals"],
  { terminal, clock }: Environment,
): Display {
  return {
    get width() {
      return terminal.width;
    },
    colour: colour === "auto" ? terminal.colour : colour === "always",
    absolute,
    now: clock.now(),
  };
}
