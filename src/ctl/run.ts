/** Parses and runs the command line of gitopperctl, and prints the result. */
import { type Invocation, parseCommandLine } from "./cli/command-line.ts";
import type { Action, Display, Session } from "./cli/definition.ts";
import { commands } from "./commands/all.ts";
import { complete } from "./complete/complete.ts";
import { confirm } from "./confirm.ts";
import type { Environment } from "./environment.ts";
import { Failure, UsageFailure } from "./failure.ts";
import { askEach, worstOf } from "./fan-out.ts";
import { follow } from "./follow.ts";
import { type Endpoint, reach } from "./hosts/reach.ts";
import { present, remark } from "./output/present.ts";
import { showProgress } from "./output/progress.ts";

/** Returns the exit status. */
export async function runCommandLine(words: readonly string[], environment: Environment): Promise<number> {
  const { write, writeError } = environment.terminal;
  // Not in the help: its arguments are an incomplete command line.
  if (words[0] === "__complete") {
    write(await complete(words.slice(1), commands, environment));
    return 0;
  }
  const parsed = parseCommandLine(words);
  if ("run" in parsed) return run(parsed.run, environment);
  (parsed.on === "stdout" ? write : writeError)(parsed.show);
  return parsed.status;
}

/** Returns the exit status: 0 all well, 1 something failed, 2 an answer is needed, 3 something is BROKEN or DIFF. */
async function run(invocation: Invocation, environment: Environment): Promise<number> {
  const { action } = invocation.command;
  try {
    if (action.over === "nothing") return await action.run(invocation.input, environment);
    const { hosts, globals } = invocation;
    const endpoints = reach({ hosts, ...globals }, environment);
    const options = { ...invocation, display: displayOf(globals, environment) };
    return action.over === "time"
      ? await follow(action, endpoints, options, environment)
      : await runOverHosts(action, endpoints, options, environment);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    environment.terminal.writeError(remark(error.message, environment.terminal));
    return error instanceof UsageFailure ? 2 : 1;
  }
}

async function runOverHosts(
  { prepare, run }: Extract<Action, { over: "hosts" }>,
  endpoints: readonly Endpoint[],
  { input, globals, display }: Invocation & { readonly display: Display },
  { terminal, clock }: Environment,
): Promise<number> {
  const progress = showProgress(terminal, endpoints.length);
  const { signal } = new AbortController();
  const sessionOf = ({ name, connection: host }: Endpoint): Session => ({
    ...{ name, host, display, clock, signal },
    progress: (text) => progress.show(name, text),
    step: (text, where) => progress.step(name, text, where),
  });
  const prepared = await askEach(endpoints, async (endpoint) => prepare?.(input, sessionOf(endpoint)));
  const results = new Map(prepared.map(({ endpoint, result }) => [endpoint, result]));
  const prompts = [...results.values()].flatMap((result) =>
    result instanceof Failure ? [] : (result ?? []),
  );
  const confirmed = await confirm(input, prompts, terminal);
  const outcomes = await askEach(endpoints, async (endpoint) => {
    const failure = results.get(endpoint);
    // A host that does not answer beforehand is not changed.
    if (failure instanceof Failure) throw failure;
    return run(confirmed, sessionOf(endpoint)).finally(() => progress.done(endpoint.name));
  });
  const printed = present(outcomes, globals.json, display.width);
  if (printed.stdout !== "") terminal.write(printed.stdout);
  for (const line of printed.stderr) terminal.writeError(remark(line, terminal));
  return worstOf(outcomes.map(({ result }) => (result instanceof Failure ? 1 : (result.status ?? 0))));
}

function displayOf({ colour, absolute }: Invocation["globals"], { terminal, clock }: Environment): Display {
  return {
    get width() {
      return terminal.width;
    },
    colour: colour === "auto" ? terminal.colour : colour === "always",
    absolute,
    now: clock.now(),
  };
}
