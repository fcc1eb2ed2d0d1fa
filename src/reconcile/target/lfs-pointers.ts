/** A commit that would put pointers of Git LFS where files belong is refused. */
import { filesAtLinks } from "../../git/history/files-needed.ts";
import { lfsPointers } from "../../git/history/lfs.ts";
import type { ModeRange } from "../../git/history/raw-modes.ts";
import { shortCommit } from "../../model/commit.ts";
import { Problem, Refusal } from "../../model/problem.ts";
import { showPath } from "../../model/text/path-bytes.ts";
import { linksOf } from "../links.ts";
import type { ManagedService } from "../managed-service.ts";

type Range = Pick<ModeRange, "base" | "to">;

/** Of the files that `to` brings to the links, and that the store has. @throws Refusal */
export async function assertNoLfsPointers(
  { service, history }: Pick<ManagedService, "service" | "history">,
  range: Range,
): Promise<void> {
  const { reader } = history;
  const files = filesAtLinks(reader, { ...range, paths: linksOf(service) });
  const [first, ...others] = await lfsPointers(reader, range, files);
  if (first !== undefined) throw new Refusal(renderPointers(first, others.length));
}

/** The same before the commit is deployed, of what has been fetched by then. @throws Problem */
export async function assertNoKnownPointers(managed: ManagedService, range: Range): Promise<void> {
  try {
    await assertNoLfsPointers(managed, range);
  } catch (error) {
    // What else is wrong with the commit, its deployment says.
    if (!(error instanceof Refusal)) return;
    throw new Problem("git", `${shortCommit(range.to)} would be refused: ${error.message}`);
  }
}

function renderPointers(path: string, others: number): string {
  const more = others === 0 ? "" : ` (so are ${others} more)`;
  return `${JSON.stringify(showPath(path))} is a Git LFS pointer${more}, and gitopper fetches no files from LFS; keep the file itself in git`;
}
