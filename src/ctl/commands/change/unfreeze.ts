/** `unfreeze <service>`: follow upstream again; lists the commits that this will bring, and asks for confirmation. */
import { type CommitsReply, commitsReply } from "../../../api/shapes.ts";
import type { Command, CommandInput, Display, Prompt, Session } from "../../cli/definition.ts";
import { renderWhen } from "../../output/time.ts";
import { visible } from "../../output/visible.ts";
import { oneService, seenOf, serviceOf } from "../arguments.ts";
import { askDetails, askService, changeService } from "../requests.ts";
import { thenWait, waitOption } from "./wait.ts";

export const unfreeze: Command = {
  name: "unfreeze",
  example: "unfreeze nginx --wait",
  section: "Change",
  summary: "follow upstream again; lists the commits that this will bring, and asks for confirmation",
  arguments: [oneService],
  options: [{ long: "yes", help: "do not ask for confirmation" }, waitOption],
  action: {
    over: "hosts",
    prepare,
    run: (input, session) =>
      thenWait(input, session, () => changeService(session.host, "unfreeze", serviceOf(input))),
  },
};

const namedMax = 20;

async function prepare(input: CommandInput, { name, host, display }: Session): Promise<Prompt | null> {
  if (input.options.yes) return null;
  const service = serviceOf(input);
  const details = await askDetails(host, service);
  if (details.value.held === null) return null;
  const { value: ahead } = await askService(host, service, commitsReply, "/ahead");
  const seen = seenOf(ahead, display);
  const lines = seen === "" ? "" : `${seen}\n`;
  const { from, to, commits, stale } = ahead;
  if (to === null || (commits.length === 0 && from === to))
    return stale === undefined ? null : unknown(service, name, lines);
  const count = countOf(ahead);
  return {
    ask: "confirm",
    about: `${lines}${visible(service)} on ${name} will get ${count}:\n${linesOf(ahead, display)}`,
    refusal: `unfreeze will bring ${count} to ${service}; say --yes if that is meant`,
  };
}

function unknown(service: string, name: string, lines: string): Prompt {
  return {
    ask: "confirm",
    about: `${lines}${visible(service)} on ${name} will get whatever its upstream has when it answers\n`,
    refusal: `${service} will get whatever its upstream has, which cannot be asked now; say --yes if that is meant`,
  };
}

/** Without commits ahead the commit still changes: history was rewritten, or goes back. */
function countOf({ commits, truncated, to }: CommitsReply): string {
  if (commits.length === 0) return `commit ${to?.slice(0, 8)}, which is not ahead of what it has`;
  return `${truncated ? "more than " : ""}${commits.length} commit${commits.length === 1 ? "" : "s"}`;
}

function linesOf({ commits, truncated }: CommitsReply, display: Display): string {
  const lines = commits.slice(0, namedMax).map(({ commit, subject, author, committedAt }) => {
    const when = renderWhen(committedAt, display);
    return `  ${commit.slice(0, 8)}  ${visible(subject)} (${visible(author)}, ${when})\n`;
  });
  return `${lines.join("")}${truncated || commits.length > namedMax ? "  …\n" : ""}`;
}
