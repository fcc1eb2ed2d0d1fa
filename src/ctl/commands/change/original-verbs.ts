/** `state` and `do`: freeze, unfreeze, rollback and pull as in the original, without prompts. */
import type { Command, CommandInput, Result, Session } from "../../cli/definition.ts";
import { pathOf } from "../../connect/reply.ts";
import { oneService, serviceOf } from "../arguments.ts";
import { requestChange } from "../requests.ts";

const verbs = [
  { verb: "freeze", summary: "stop following upstream, and keep the current commit" },
  { verb: "unfreeze", summary: "follow upstream again" },
  { verb: "rollback", summary: "go back to a commit (full or short id), and stay there" },
  { verb: "pull", summary: "poll upstream now" },
] as const;

export const originalVerbs: readonly Command[] = ["state", "do"].flatMap((group) =>
  verbs.map(({ verb, summary }) => ({
    name: `${group} ${verb}`,
    example: `${group} ${verb} @web1 nginx${verb === "rollback" ? " 1a2b3c4d" : ""}`,
    section: "As in the original",
    summary,
    arguments: verb === "rollback" ? [oneService, { name: "hash" }] : [oneService],
    action: { over: "hosts", run: (input, session) => change(verb, input, session) },
  })),
);

async function change(verb: string, input: CommandInput, { host }: Session): Promise<Result> {
  const { hash } = input.arguments;
  const words = [verb, serviceOf(input), ...(hash === undefined ? [] : [hash])];
  const path = pathOf(`/state${"/{}".repeat(words.length)}`, ...words);
  return requestChange(host, { method: "POST", path });
}
