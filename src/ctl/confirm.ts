/** Asks the person what has to be answered before anything is changed; once, for all hosts. */
import type { Given, Query } from "./cli/definition.ts";
import { Failure, UsageFailure } from "./failure.ts";
import type { Terminal } from "./output/terminal.ts";

/**
 * What was given, with what the person added.
 * @throws UsageFailure where nobody can be asked; Failure when the person does not want it
 */
export async function consult(given: Given, queries: readonly Query[], terminal: Terminal): Promise<Given> {
  const [first] = queries;
  if (first === undefined) return given;
  const { ask } = terminal;
  if (ask === null) throw new UsageFailure([...new Set(queries.map(({ refusal }) => refusal))].join("; "));
  if (first.ask === "choose") return choose(given, first, queries.length, { ...terminal, ask });
  for (const query of queries) if (query.ask === "confirm") terminal.writeError(query.about);
  const answer = await ask("Go on? [y/N] ");
  if (!/^y(es)?$/i.test(answer.trim())) throw new Failure("Nothing was changed");
  return given;
}

type Choice = Extract<Query, { ask: "choose" }>;
type Asking = Terminal & { readonly ask: NonNullable<Terminal["ask"]> };

async function choose(
  given: Given,
  { choices, argument }: Choice,
  hosts: number,
  terminal: Asking,
): Promise<Given> {
  if (hosts > 1) throw new UsageFailure(`with several hosts, say which ${argument}`);
  terminal.writeError(choices.map(({ line }, index) => `${index + 1}  ${line}\n`).join(""));
  const answer = (await terminal.ask(`Which one? [1-${choices.length}] `)).trim();
  const chosen = /^\d+$/.test(answer) ? choices[Number(answer) - 1] : undefined;
  if (chosen === undefined) throw new Failure("Nothing was changed");
  return { ...given, arguments: { ...given.arguments, [argument]: chosen.value } };
}
