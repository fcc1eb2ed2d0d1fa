/** `diff <service> [commit]`: shows what a pull or a rollback would change in its files. */
import { diffReply } from "../../../api/shapes.ts";
import type { Command, CommandInput, Display, Result, Session } from "../../cli/definition.ts";
import { type Colour, paint } from "../../output/colours.ts";
import { visibleLines } from "../../output/visible.ts";
import { maybeCommit, oneService, seenOf, serviceOf, toCommit } from "../arguments.ts";
import { askService } from "../requests.ts";

export const diff: Command = {
  name: "diff",
  example: "diff nginx",
  section: "Show",
  summary: "show the changes to the files that a pull, or a rollback to the commit, would make",
  arguments: [oneService, maybeCommit],
  action: { over: "hosts", run },
};

async function run(input: CommandInput, { host, display }: Session): Promise<Result> {
  const { value, json } = await askService(host, serviceOf(input), diffReply, `/diff${toCommit(input)}`);
  const nothing = `deploying ${value.to.slice(0, 8)} would change nothing`;
  const seen = seenOf(value, display);
  if (value.diff === "") return { shown: { message: nothing }, json, note: seen };
  const notes = [seen, value.truncated ? "the diff is longer than this; git has all of it" : ""];
  const note = notes.filter(Boolean).join("; ");
  return { shown: { text: renderDiff(value.diff, display) }, json, note };
}

/** Git's colours; inside a hunk, `---` is a removed line. */
export function renderDiff(diff: string, display: Pick<Display, "colour">): string {
  let inHunk = false;
  // Makes a change of only the line ends visible.
  const lines = visibleLines(diff.replaceAll("\r", "\\x0d")).map((line) => {
    if (line.startsWith("diff ")) inHunk = false;
    else if (line.startsWith("@@")) inHunk = true;
    const colour = display.colour ? colourOf(line, inHunk) : null;
    return colour === null ? line : paint(line, colour);
  });
  return lines.map((line) => `${line}\n`).join("");
}

function colourOf(line: string, inHunk: boolean): Colour | null {
  if (!inHunk) return "bold";
  if (line.startsWith("@@")) return "cyan";
  if (line.startsWith("+")) return "green";
  return line.startsWith("-") ? "red" : null;
}
