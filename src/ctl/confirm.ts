/** Asks a person to confirm or choose before anything is changed; once for all hosts. */
import type { CommandInput, Prompt } from "./cli/definition.ts";
import { Failure, UsageFailure } from "./failure.ts";
import type { Terminal } from "./output/terminal.ts";

/**
 * Returns the input, with the person's choice.
 * @throws UsageFailure without a terminal to ask at; Failure when the person declines
 */
export async function confirm(
  input: CommandInput,
  prompts: readonly Prompt[],
  terminal: Terminal,
): Promise<CommandInput> {
  const [first] = prompts;
  if (first === undefined) return input;
  const { ask } = terminal;
  if (ask === null) throw new UsageFailure([...new Set(prompts.map(({ refusal }) => refusal))].join("; "));
  if (first.ask === "choose") {
    if (prompts.length > 1) throw new UsageFailure(`with several hosts, say which ${first.argument}`);
    return choose(input, first, terminal, ask);
  }
  for (const prompt of prompts) if (prompt.ask === "confirm") terminal.writeError(prompt.about);
  const answer = await ask("Go on? [y/N] ");
  if (!/^y(es)?$/i.test(answer.trim())) throw new Failure("Nothing was changed");
  return input;
}

async function choose(
  input: CommandInput,
  { choices, argument }: Extract<Prompt, { ask: "choose" }>,
  { writeError }: Terminal,
  ask: NonNullable<Terminal["ask"]>,
): Promise<CommandInput> {
  writeError(choices.map(({ line }, index) => `${index + 1}  ${line}\n`).join(""));
  const answer = (await ask(`Which one? [1-${choices.length}] `)).trim();
  const chosen = /^\d+$/.test(answer) ? choices[Number(answer) - 1] : undefined;
  if (chosen === undefined) throw new Failure("Nothing was changed");
  return { ...input, arguments: { ...input.arguments, [argument]: chosen.value } };
}
